import Basics
import Kernels
import Tensors

/// The mean of each square window, the border counting as zeros (PyTorch's `avg_pool2d`).
package struct AveragePooling: WindowOperator {
  /// Side of a window.
  package var window: Int
  /// Distance between windows.
  package var stride: Int
  /// Zeros on each side, which a window's mean counts.
  package var padding: Int

  /// Names the windows.
  package init(window: Int, stride: Int, padding: Int = 0) {
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    [try output(inputs)]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let op = AveragePoolingGradient(pool: self, image: tape.type(node.inputs[0]))
    return [try tape.append(node.name, op, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let image = inputs[0]
    guard let shape = shape(image.shape.dimensions.map { .fixed($0) }, N: image.shape.N) else {
      return []
    }
    return [
      ReferenceTensor([shape.N, shape.P, shape.Q, shape.C]) { index in
        let (c, pixel) = (index % shape.C, index / shape.C)
        let (q, p, n) = (pixel % shape.Q, pixel / shape.Q % shape.P, pixel / shape.Q / shape.P)
        var sum = 0.0
        for position in 0..<window * window {
          let h = p * stride + position / window - padding
          let w = q * stride + position % window - padding
          guard h >= 0, h < shape.H, w >= 0, w < shape.W else { continue }
          sum += image.pixel(n, h, w, c)
        }
        return sum / Double(window * window)
      }
    ]
  }
}
