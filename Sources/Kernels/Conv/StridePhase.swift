/// Input positions that the same taps of a strided window reach: every `stride`-th one in both
/// directions.
///
/// Backward-data over the positions of one phase is a convolution of stride 1 of the output's gradient
/// with the flipped filters of those taps. With stride 1 there is one phase, with all taps.
struct StridePhase: Sendable {
  /// One direction of a phase: every `stride`-th input coordinate from `first` on.
  struct Axis: Sendable {
    /// The first input coordinate.
    let first: Int
    /// Input coordinates of the phase.
    let count: Int
    /// The first tap that reaches them; the others follow at the stride.
    let tap: Int
    /// Taps that reach them.
    let taps: Int
    /// Zeros before the output's gradient for the phase's convolution; negative to skip some.
    let padding: Int

    init(_ size: Int, _ window: Int, _ first: Int, _ stride: Int, _ padding: Int) {
      self.first = first
      count = max(0, (size - first + stride - 1) / stride)
      tap = (first + padding) % stride
      taps = tap < window ? (window - 1 - tap) / stride + 1 : 0
      self.padding = taps - 1 - (first + padding - tap) / stride
    }
  }

  let vertical: Axis
  let horizontal: Axis

  /// The `stride²` phases of a shape whose strides are the same in both directions.
  static func all(of shape: ConvShape) -> [StridePhase] {
    (0..<(shape.stride * shape.stride)).map { index in
      StridePhase(
        vertical: Axis(
          shape.H, shape.R, index / shape.stride, shape.stride, shape.paddings.vertical),
        horizontal: Axis(
          shape.W, shape.S, index % shape.stride, shape.stride, shape.paddings.horizontal))
    }
  }

  /// Window positions that reach the phase; 0 where none does.
  var windows: Int { vertical.taps * horizontal.taps }

  /// Input positions of all images.
  func rows(_ shape: ConvShape) -> Int { shape.N * vertical.count * horizontal.count }

  /// Multiply-adds of the phase.
  func macs(_ shape: ConvShape) -> MACs { MACs(rows(shape) * windows * shape.K * shape.C) }

  /// The filter's row and column at a window position of the phase's flipped filters.
  func tap(_ window: Int, stride: Int) -> (r: Int, s: Int) {
    let (y, x) = (window / horizontal.taps, window % horizontal.taps)
    return (
      vertical.tap + stride * (vertical.taps - 1 - y),
      horizontal.tap + stride * (horizontal.taps - 1 - x)
    )
  }
}
