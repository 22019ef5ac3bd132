/// What becomes of the sums of bytes times weights, which have neither bias nor zero point in them.
struct Int8WinogradSums {
  let epilogue: Int8Epilogue
  let ending: Int8Ending
  /// What is added to the sums of each filter, in s32, with room for whole vectors.
  let start: UnsafeRawPointer
  /// What they are multiplied by, with room for whole vectors.
  let factors: UnsafePointer<Float>

  /// Stores what becomes of the sums of a vector of filters, or of those that there are.
  ///
  /// - Parameters:
  ///   - sums: Of one pixel.
  ///   - k: The first filter.
  ///   - filters: How many there are in all.
  ///   - operands: Output and residual.
  ///   - index: The element of both that the first sum becomes.
  @inline(__always)
  func store(
    _ sums: IntVector, filter k: Int, of filters: Int, to operands: Int8Operands, at index: Int
  ) {
    let total = sums &+ (start + 4 &* k).ints()
    if k &+ WordTileLimits.lanes <= filters {
      ending.store(
        total, factors: UnsafeRawPointer(factors + k), residual: operands.residual,
        to: operands.output, at: index)
    } else {
      storeRest(total, filters: k..<filters, to: operands, at: index)
    }
  }

  /// Filters that fill no vector, one by one.
  @inline(never)
  private func storeRest(
    _ sums: IntVector, filters: Range<Int>, to operands: Int8Operands, at index: Int
  ) {
    for (lane, k) in filters.enumerated() {
      epilogue.store(
        sums[lane], factor: factors[k], residual: operands.residual?[index + lane] ?? 0,
        to: operands.output, at: index + lane)
    }
  }
}
