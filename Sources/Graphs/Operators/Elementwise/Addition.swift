import Basics
import Tensors

/// The sum of two tensors of one shape.
package struct Addition: Operator {
  package init() {}

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs[0] == inputs[1] else {
      throw Problem(.malformed, "\(inputs[0]) and \(inputs[1]) cannot be added")
    }
    return [inputs[0]]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0), Alias(output: 0, input: 1)] }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    [gradients[0], gradients[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [ReferenceTensor(inputs[0].shape, zip(inputs[0].values, inputs[1].values).map(+))]
  }
}
