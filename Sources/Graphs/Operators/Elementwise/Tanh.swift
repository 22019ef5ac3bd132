import Basics
import Glibc
import Tensors

/// `tanh(x)`, between −1 and 1.
package struct Tanh: Operator {
  package init() {}

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard inputs[0].element == .f32 else {
      throw Problem(.malformed, "\(inputs[0]) has no hyperbolic tangent")
    }
    return inputs
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }
  package var outputBound: Double? { 1 }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0] else { return [nil] }
    return [try tape.append(node.name, TanhGradient(), [node.outputs[0], output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [ReferenceTensor(inputs[0].shape, inputs[0].values.map { tanh($0) })]
  }
}
