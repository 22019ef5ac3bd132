import Basics
import Kernels
import Tensors

/// An operator over square windows of images: a pool.
package protocol WindowOperator: Operator {
  /// Side of a window.
  var window: Int { get }
  /// Distance between windows.
  var stride: Int { get }
  /// Border on each side, at most half a window.
  var padding: Int { get }
}

extension WindowOperator {
  /// The windows over some images, or nil where there is none.
  package func shape(_ image: [Dimension], N: Int) -> PoolShape? {
    let lengths = image.dropFirst().compactMap(\.length)
    // The limit keeps every sum and product below within 64 bits.
    guard image.count == 4, lengths.count == 3, (1..<1 << 31).contains(window), stride > 0,
      (0...window / 2).contains(padding), min(lengths[0], lengths[1]) >= window - 2 * padding
    else { return nil }
    return PoolShape(
      N: N, C: lengths[2], H: lengths[0], W: lengths[1], window: window, stride: stride,
      padding: padding)
  }

  /// The type of one value a window.
  func output(_ inputs: [TensorType]) throws(Problem) -> TensorType {
    try require(1, of: inputs)
    let dimensions = inputs[0].dimensions
    guard inputs[0].element == .f32, let shape = shape(dimensions, N: 1) else {
      throw Problem(.malformed, "a window of \(window) cannot take \(inputs[0])")
    }
    return TensorType(.f32, [dimensions[0], .fixed(shape.P), .fixed(shape.Q), dimensions[3]])
  }
}
