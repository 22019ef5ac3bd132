/// `eˣ` in all lanes of a vector, for softmax and what is like it.
///
/// Error: below 2 units in the last place, seen against the C library's. Results below 1.2e-38 are
/// 0, arguments above 88.37 are taken for 88.37; a NaN stays one.
enum RowExponential {
  /// Below it the result is 0: it would be denormal.
  private static let least: Float = -87.3

  /// Computes `eˣ` lane by lane.
  ///
  /// `x = n·ln 2 + r` with a whole `n`: `eʳ` is a short series, and `n` goes into the exponent.
  @inline(__always)
  static func of(_ given: Vector) -> Vector {
    let low = Vector(repeating: least)
    let high = Vector(repeating: 88.37)
    let raised = given.replacing(with: low, where: given .< low)
    let x = raised.replacing(with: high, where: raised .> high)
    // Floats of this size have no fraction, so the sum rounds to the whole number next to it, which
    // stands in the lowest bits.
    let rounder = Vector(repeating: 12_582_912)
    let shifted = rounder.addingProduct(x, Vector(repeating: 1.442_695_04))
    let n = shifted - rounder
    // ln 2 in two parts, the first so short that its multiples are exact.
    let upper = x.addingProduct(n, Vector(repeating: -0.693_359_375))
    let r = upper.addingProduct(n, Vector(repeating: 2.121_944_4e-4))
    var series = Vector(repeating: 1.0 / 5040)
    series = Vector(repeating: 1.0 / 720).addingProduct(series, r)
    series = Vector(repeating: 1.0 / 120).addingProduct(series, r)
    series = Vector(repeating: 1.0 / 24).addingProduct(series, r)
    series = Vector(repeating: 1.0 / 6).addingProduct(series, r)
    series = Vector(repeating: 0.5).addingProduct(series, r)
    series = Vector(repeating: 1).addingProduct(series, r)
    series = Vector(repeating: 1).addingProduct(series, r)
    let bits = unsafeBitCast(shifted, to: Vector.MaskStorage.self)
    // The bits of the rounder, less the exponent's bias.
    let exponent = bits &- Vector.MaskStorage(repeating: 0x4B40_0000 - 127)
    let power = unsafeBitCast(
      exponent &<< Vector.MaskStorage(repeating: 23), to: Vector.self)
    let result = series * power
    return Vector.zero.replacing(with: result, where: .!(given .< low))
  }

  /// `1 / (1 + e⁻ˣ)`.
  @inline(__always)
  static func sigmoid(_ x: Vector) -> Vector {
    let one = Vector(repeating: 1)
    return one / (one + of(Vector.zero - x))
  }

  /// `tanh x`, off by at most 2⁻²² of 1.
  @inline(__always)
  static func tanh(_ x: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let two = Vector(repeating: 2)
    return one - two / (one + of(two * x))
  }
}

/// The end of a row, shorter than a vector.
extension Vector {
  /// Reads `count` floats, fewer than there are lanes; the other lanes are `rest`.
  @inline(__always)
  static func load(_ p: UnsafePointer<Float>, count: Int, rest: Float = 0) -> Vector {
    var result = Vector(repeating: rest)
    for lane in 0..<count { result[lane] = p[lane] }
    return result
  }

  /// Writes the first `count` lanes.
  @inline(__always)
  func store(_ p: UnsafeMutablePointer<Float>, count: Int) {
    for lane in 0..<count { p[lane] = self[lane] }
  }
}
