import Basics
import Kernels
import Tensors

/// The mean of each square window, the border counting as zeros (PyTorch's `avg_pool2d`).
package struct AveragePooling: WindowOperator {
  package var window: Int
  package var stride: Int
  /// Zeros on each side, which a window's mean counts.
  package var padding: Int

  package init(window: Int, stride: Int, padding: Int = 0) {
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    [try output(inputs, elements: [.f32, .bf16])]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let op = AveragePoolingGradient(pool: self, image: tape.type(node.inputs[0]))
    return [try tape.append(node.name, op, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let shape = windows(inputs[0].shape)
    var sums = [Double](repeating: 0, count: shape.outputCount)
    forEachTap(inputs[0].shape) { output, input, _ in sums[output] += inputs[0].values[input] }
    return [
      ReferenceTensor([shape.N, shape.P, shape.Q, shape.C]) { sums[$0] / Double(window * window) }
    ]
  }
}
