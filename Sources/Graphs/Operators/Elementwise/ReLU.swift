import Basics
import Tensors

/// `max(x, 0)`.
package struct ReLU: Operator {
  package init() {}

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    return inputs
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0] else { return [nil] }
    return [try tape.append(node.name, ReLUGradient(), [node.outputs[0], output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [ReferenceTensor(inputs[0].shape, inputs[0].values.map { max($0, 0) })]
  }
}
