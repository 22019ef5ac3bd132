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

  /// The windows over images that the operator takes.
  package func windows(_ images: Shape) -> PoolShape {
    guard let shape = shape(images.dimensions.map { .fixed($0) }, N: images.N) else {
      preconditionFailure("no windows on \(images)")
    }
    return shape
  }

  /// Calls `body` with indices into the output and the images, and with the place in the window, for
  /// all that does not lie on the border.
  func forEachTap(
    _ images: Shape, _ body: (_ output: Int, _ input: Int, _ position: Int) -> Void
  ) {
    let shape = windows(images)
    for output in 0..<shape.outputCount {
      let (c, pixel) = (output % shape.C, output / shape.C)
      let (q, p, n) = (pixel % shape.Q, pixel / shape.Q % shape.P, pixel / shape.Q / shape.P)
      for position in 0..<window * window {
        let h = p * stride + position / window - padding
        let w = q * stride + position % window - padding
        guard h >= 0, h < shape.H, w >= 0, w < shape.W else { continue }
        body(output, ((n * shape.H + h) * shape.W + w) * shape.C + c, position)
      }
    }
  }

  /// The type of one value a window, with elements like those of the images.
  func output(
    _ inputs: [TensorType], elements: Set<DType> = [.f32]
  ) throws(Problem) -> TensorType {
    try require(1, of: inputs)
    var output = inputs[0]
    guard elements.contains(output.element), let shape = shape(output.dimensions, N: 1) else {
      throw Problem(.malformed, "a window of \(window) cannot take \(inputs[0])")
    }
    output.dimensions[1] = .fixed(shape.P)
    output.dimensions[2] = .fixed(shape.Q)
    return output
  }
}
