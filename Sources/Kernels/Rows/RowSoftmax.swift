import Glibc

/// Softmax along an axis, in the pool's threads.
///
/// The largest element is taken out before exponentials are, so that none overflows. Error: some
/// units in the last place of the largest share; sums are float32, lane by lane.
public enum RowSoftmax {
  /// `exp(x) / Σ exp(x)` of each line.
  ///
  /// - Parameters:
  ///   - lines: The tensor.
  ///   - takesLogarithms: Gives the logarithms of the shares instead.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func run(
    _ lines: AxisLines, takesLogarithms: Bool, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    if lines.inner == 1 {
      pool.forEachShare(of: lines.outer, grain: lines.grain) { rows in
        for row in rows {
          let (source, target) = (input + row * lines.length, output + row * lines.length)
          if takesLogarithms {
            logarithms(lines.length, source, target)
          } else {
            shares(lines.length, source, less: largest(lines.length, source), target)
          }
        }
      }
      return
    }
    let blocks = (lines.inner + VectorUnit.lanes - 1) / VectorUnit.lanes
    pool.forEachShare(of: lines.outer * blocks) { items in
      for item in items {
        let first = item % blocks * VectorUnit.lanes
        let start = item / blocks * lines.length * lines.inner + first
        columns(
          lines, width: min(VectorUnit.lanes, lines.inner - first), takesLogarithms,
          input + start, output + start)
      }
    }
  }

  /// The shares of one row.
  ///
  /// - Parameters:
  ///   - length: At least 1.
  ///   - input: May be `output`.
  ///   - top: The largest element; where it is not finite, shares are NaN.
  ///   - output: Overwritten.
  static func shares(
    _ length: Int, _ input: UnsafePointer<Float>, less top: Float,
    _ output: UnsafeMutablePointer<Float>
  ) {
    let sum = exponentials(length, input, less: top, into: output)
    let factor = Vector(repeating: 1 / sum)
    let whole = length - length % VectorUnit.lanes
    for j in stride(from: 0, to: whole, by: VectorUnit.lanes) {
      (Vector.load(output + j) * factor).store(output + j)
    }
    for j in whole..<length { output[j] *= factor[0] }
  }

  private static func logarithms(
    _ length: Int, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    let top = largest(length, input)
    let sum = exponentials(length, input, less: top, into: nil)
    let lost = top + Float(log(Double(sum)))
    for j in 0..<length { output[j] = input[j] - lost }
  }

  /// The largest element of a row; NaN is passed over.
  static func largest(_ length: Int, _ input: UnsafePointer<Float>) -> Float {
    var largest = Vector(repeating: -.infinity)
    let whole = length - length % VectorUnit.lanes
    for j in stride(from: 0, to: whole, by: VectorUnit.lanes) {
      let x = Vector.load(input + j)
      largest = largest.replacing(with: x, where: x .> largest)
    }
    var result = -Float.infinity
    for lane in 0..<VectorUnit.lanes where largest[lane] > result { result = largest[lane] }
    for j in whole..<length where input[j] > result { result = input[j] }
    return result
  }

  /// Writes `exp(x − top)` where there is a target, and sums it up.
  @inline(__always)
  static func exponentials(
    _ length: Int, _ input: UnsafePointer<Float>, less top: Float,
    into output: UnsafeMutablePointer<Float>?
  ) -> Float {
    let top = Vector(repeating: top)
    var sums = Vector.zero
    let whole = length - length % VectorUnit.lanes
    for j in stride(from: 0, to: whole, by: VectorUnit.lanes) {
      let share = (Vector.load(input + j) - top).exponential()
      if let output { share.store(output + j) }
      sums += share
    }
    if whole < length {
      let rest = Vector.load(input + whole, count: length - whole, rest: -.infinity)
      // Lanes past the end are 0 whatever the largest is.
      let share = (rest - top).exponential()
      if let output { share.store(output + whole, count: length - whole) }
      for lane in 0..<length - whole { sums[lane] += share[lane] }
    }
    return sums.sum()
  }

  /// As many lines side by side as a vector has lanes, or fewer.
  private static func columns(
    _ lines: AxisLines, width: Int, _ takesLogarithms: Bool, _ input: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Float>
  ) {
    @inline(__always)
    func element(_ p: UnsafePointer<Float>, _ step: Int) -> Vector {
      let place = p + step * lines.inner
      return width == VectorUnit.lanes ? Vector.load(place) : Vector.load(place, count: width)
    }
    @inline(__always)
    func write(_ x: Vector, _ step: Int) {
      let place = output + step * lines.inner
      if width == VectorUnit.lanes { x.store(place) } else { x.store(place, count: width) }
    }
    var top = element(input, 0)
    for step in 1..<max(lines.length, 1) {
      let x = element(input, step)
      top = top.replacing(with: x, where: x .> top)
    }
    var sums = Vector.zero
    for step in 0..<lines.length {
      let share = (element(input, step) - top).exponential()
      if !takesLogarithms { write(share, step) }
      sums += share
    }
    if takesLogarithms {
      var lost = top
      for lane in 0..<VectorUnit.lanes { lost[lane] += Float(log(Double(sums[lane]))) }
      for step in 0..<lines.length { write(element(input, step) - lost, step) }
    } else {
      let factor = Vector(repeating: 1) / sums
      for step in 0..<lines.length { write(element(UnsafePointer(output), step) * factor, step) }
    }
  }
}
