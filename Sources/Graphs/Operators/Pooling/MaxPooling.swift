import Basics
import Kernels
import Tensors

/// The largest value of each square window; in training also where in the window it was.
///
/// Of bfloat16, and of whole numbers of 8 bits, too: the larger step stands for the larger number.
package struct MaxPooling: WindowOperator {
  package var window: Int
  package var stride: Int
  /// Border on each side, which is never the largest.
  package var padding: Int
  /// Whether the second output tells where each window's largest value was.
  package var givesPositions = false

  package init(window: Int, stride: Int, padding: Int = 0) {
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard window <= MaxPool.largestWindow else {
      throw Problem(.malformed, "positions in a window of \(window) do not fit a byte")
    }
    let output = try output(
      inputs, elements: givesPositions ? [.f32, .bf16] : [.f32, .bf16, .u8])
    return [output] + (givesPositions ? [TensorType(.u8, output.dimensions)] : [])
  }

  package func trainingForm(seed: UInt64) -> any Operator {
    var form = self
    form.givesPositions = true
    return form
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    guard givesPositions else {
      throw Problem(.malformed, "\(node.name) has forgotten its positions")
    }
    return [
      try tape.append(
        node.name, MaxPoolingGradient(pool: self, image: tape.type(node.inputs[0])),
        [output, node.outputs[1]])[0]
    ]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let shape = windows(inputs[0].shape)
    var best = [Double?](repeating: nil, count: shape.outputCount)
    var positions = [Double](repeating: 0, count: shape.outputCount)
    forEachTap(inputs[0].shape) { output, input, position in
      let value = inputs[0].values[input]
      guard best[output].map({ value > $0 }) ?? true else { return }
      (best[output], positions[output]) = (value, Double(position))
    }
    let target: Shape = [shape.N, shape.P, shape.Q, shape.C]
    return [ReferenceTensor(target, best.map { $0 ?? 0 })]
      + (givesPositions ? [ReferenceTensor(target, positions)] : [])
  }
}
