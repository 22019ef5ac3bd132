/// Rows divided by their own spread: layer normalisation, and that by the root mean square alone.
///
/// `y = (x − mean) / √(variance + ε) · scale + shift`, where the variance is that of the row,
/// divided by its length. Each row passes through memory once and is summed up in cache. Error:
/// float32 sums, lane by lane, of differences from the mean.
public struct RowNormalization: Sendable {
  /// Floats of a row, at least 1.
  public let length: Int
  /// Added to the variance.
  public let epsilon: Float
  /// Whether the mean is taken out; otherwise the mean of the squares stands for the variance.
  public let centres: Bool

  /// Fixes the rows.
  public init(length: Int, epsilon: Float, centres: Bool) {
    precondition(length > 0, "rows of \(length)")
    (self.length, self.epsilon, self.centres) = (length, epsilon, centres)
  }

  /// What a call reads and writes.
  public struct Operands {
    /// `rows × length`; may be the output.
    public var input: UnsafePointer<Float>
    /// `rows × length`, overwritten.
    public var output: UnsafeMutablePointer<Float>
    /// `length` factors; nil for 1.
    public var scale: UnsafePointer<Float>?
    /// `length` numbers that are added; nil for 0.
    public var shift: UnsafePointer<Float>?
    /// One float a row, overwritten with the means; nil where nobody wants them.
    public var means: UnsafeMutablePointer<Float>?
    /// One float a row, overwritten with `1 / √(variance + ε)`; nil where nobody wants them.
    public var factors: UnsafeMutablePointer<Float>?

    /// Names all operands.
    public init(
      input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
      scale: UnsafePointer<Float>? = nil, shift: UnsafePointer<Float>? = nil,
      means: UnsafeMutablePointer<Float>? = nil, factors: UnsafeMutablePointer<Float>? = nil
    ) {
      (self.input, self.output, self.scale) = (input, output, scale)
      (self.shift, self.means, self.factors) = (shift, means, factors)
    }
  }

  /// Normalises each row.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - operands: Where everything is.
  ///   - pool: Runs the work.
  public func run(rows: Int, _ operands: Operands, pool: ThreadPool) {
    pool.forEachShare(of: rows, grain: max(1, 4096 / length)) { rows in
      for row in rows {
        let source = operands.input + row * length
        let (mean, factor) = statistics(source)
        operands.means?[row] = mean
        operands.factors?[row] = factor
        write(source, operands.output + row * length, mean, factor, operands)
      }
    }
  }

  /// Mean, or 0 where it stays, and `1 / √(variance + ε)` of one row.
  func statistics(_ source: UnsafePointer<Float>) -> (mean: Float, factor: Float) {
    let lanes = VectorUnit.lanes
    let whole = length - length % lanes
    var mean: Float = 0
    if centres {
      var sums = Vector.zero
      for j in stride(from: 0, to: whole, by: lanes) { sums += Vector.load(source + j) }
      var sum = sums.sum()
      for j in whole..<length { sum += source[j] }
      mean = sum / Float(length)
    }
    let taken = Vector(repeating: mean)
    var squares = Vector.zero
    for j in stride(from: 0, to: whole, by: lanes) {
      let difference = Vector.load(source + j) - taken
      squares.addProduct(difference, difference)
    }
    var sum = squares.sum()
    for j in whole..<length { sum += (source[j] - mean) * (source[j] - mean) }
    return (mean, 1 / (sum / Float(length) + epsilon).squareRoot())
  }

  private func write(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ mean: Float,
    _ factor: Float, _ operands: Operands
  ) {
    let lanes = VectorUnit.lanes
    let whole = length - length % lanes
    let (taken, times) = (Vector(repeating: mean), Vector(repeating: factor))
    for j in stride(from: 0, to: whole, by: lanes) {
      var y = (Vector.load(source + j) - taken) * times
      if let scale = operands.scale { y *= Vector.load(scale + j) }
      if let shift = operands.shift { y += Vector.load(shift + j) }
      y.store(target + j)
    }
    for j in whole..<length {
      let y = (source[j] - mean) * factor * (operands.scale?[j] ?? 1)
      target[j] = y + (operands.shift?[j] ?? 0)
    }
  }
}
