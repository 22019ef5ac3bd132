/// A row of output pixels of a depthwise convolution, and what lies under it.
struct DepthwiseLine {
  /// The image's row under the first tap, even where that is outside.
  let input: UnsafePointer<Float>
  let output: UnsafeMutablePointer<Float>
  let residual: UnsafePointer<Float>?
  /// Floats from an output pixel to the next.
  let pitch: Int
  /// Rows of the window that lie inside the image.
  let rows: Range<Int>

  /// Finds a row's memory.
  ///
  /// - Parameters:
  ///   - index: Which of the rows of all images.
  ///   - shape: The convolution.
  ///   - operands: Its memory.
  ///   - addsResidual: Whether the residual is read.
  init(_ index: Int, _ shape: ConvShape, _ operands: ConvOperands, addsResidual: Bool) {
    let (image, p) = (index / shape.P, index % shape.P)
    pitch = operands.pitch ?? shape.K
    let at = index * shape.Q * pitch
    input = operands.input + (image * shape.H + shape.row(p, 0)) * shape.W * shape.C
    output = operands.output + at
    residual = addsResidual ? operands.residual.map { $0 + at } : nil
    rows = Self.taps(
      from: shape.row(p, 0), step: shape.dilations.vertical, count: shape.R, limit: shape.H)
  }

  /// The taps at `start`, `start + step` … that lie in `0 ..< limit`.
  @inline(__always)
  static func taps(from start: Int, step: Int, count: Int, limit: Int) -> Range<Int> {
    let low = start >= 0 ? 0 : min(count, (step - 1 - start) / step)
    let high = start >= limit ? 0 : min(count, (limit - 1 - start) / step + 1)
    return low..<max(low, high)
  }
}
