/// Sums of cached values, each times its share, as wide as registers allow.
enum ValueSums {
  /// Adds up the values of a head.
  ///
  /// Cost: each value is read once, in rows of up to eight vectors. Error: to first order at most
  /// `count · 2⁻²⁴ · Σ|share·value|` per element.
  ///
  /// - Parameters:
  ///   - count: Values, at least 1.
  ///   - width: Floats of each, which follow one another.
  ///   - shares: One a value.
  ///   - values: `count × width`.
  ///   - output: `width` floats, overwritten.
  static func write(
    count: Int, width: Int, shares: UnsafePointer<Float>, values: UnsafePointer<Float>,
    to output: UnsafeMutablePointer<Float>
  ) {
    let lanes = VectorUnit.lanes
    var column = 0
    while column &+ lanes <= width {
      let (source, target) = (values + column, output + column)
      switch (width &- column) / lanes {
      case 8...:
        eight(count, width, shares, source, target)
        column &+= 8 &* lanes
      case 4...7:
        four(count, width, shares, source, target)
        column &+= 4 &* lanes
      case 2, 3:
        two(count, width, shares, source, target)
        column &+= 2 &* lanes
      default:
        one(count, width, shares, source, target)
        column &+= lanes
      }
    }
    guard column < width else { return }
    var sum = Vector.zero
    for j in 0..<count {
      let rest = Vector.load(values + (j &* width &+ column), count: width &- column)
      sum.addProduct(Vector(repeating: shares[j]), rest)
    }
    sum.store(output + column, count: width &- column)
  }

  @inline(never)
  private static func eight(
    _ count: Int, _ stride: Int, _ shares: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) { ValueColumns<8>.write(count, stride, shares, values, output) }

  @inline(never)
  private static func four(
    _ count: Int, _ stride: Int, _ shares: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) { ValueColumns<4>.write(count, stride, shares, values, output) }

  @inline(never)
  private static func two(
    _ count: Int, _ stride: Int, _ shares: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) { ValueColumns<2>.write(count, stride, shares, values, output) }

  @inline(never)
  private static func one(
    _ count: Int, _ stride: Int, _ shares: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) { ValueColumns<1>.write(count, stride, shares, values, output) }
}

/// Columns of values that are so many vectors wide, their sums in registers.
///
/// - Important: Call only with literal parameters and inside this module, as `GemmTile`.
private enum ValueColumns<let Columns: Int> {
  @inline(__always)
  static func write(
    _ count: Int, _ stride: Int, _ shares: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    let lanes = VectorUnit.lanes
    var sums = InlineArray<Columns, Vector>(repeating: .zero)
    var row = values
    for j in 0..<count {
      let share = Vector(repeating: shares[j])
      for i in 0..<Columns { sums[i].addProduct(share, Vector.load(row + i &* lanes)) }
      row += stride
    }
    for i in 0..<Columns { sums[i].store(output + i &* lanes) }
  }
}
