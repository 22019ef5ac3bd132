/// The specification of a matrix product: three loops, sums in float64.
public enum GemmReference {
  /// Computes `C = op(A) · op(B) + beta · C`, all row-major.
  ///
  /// Error: one rounding of the float64 result to float32. With `beta` 0, C is not read, so it
  /// may hold NaN before.
  ///
  /// - Parameters:
  ///   - shape: `op(A)` is `m × k`, `op(B)` is `k × n`, C is `m × n`; dimensions may be 0.
  ///   - a: The left operand.
  ///   - b: The right operand.
  ///   - beta: Factor of what C held before.
  ///   - c: The element of row 0 and column 0; may overlap neither A nor B.
  ///   - stride: Distance between rows of C, in floats.
  public static func multiply(
    _ shape: GemmShape, _ a: GemmOperand, _ b: GemmOperand, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    for i in 0..<shape.m {
      for j in 0..<shape.n {
        var sum = 0.0
        for p in 0..<shape.k { sum += Double(a[i, p]) * Double(b[p, j]) }
        let old = beta == 0 ? 0 : Double(beta) * Double(c[i * stride + j])
        c[i * stride + j] = Float(sum + old)
      }
    }
  }
}
