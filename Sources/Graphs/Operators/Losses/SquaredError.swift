import Basics
import Tensors

/// The mean squared difference of two tensors, and its derivative by the first.
///
/// Reads what is given and what it is to be.
package struct SquaredError: LossOperator {
  /// The operator.
  package init() {}

  package var isPerImage: Bool { false }
  package var aliases: [Alias] { [Alias(output: 1, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs[0] == inputs[1], inputs[0].element == .f32 else {
      throw Problem(.malformed, "\(inputs[0]) cannot become \(inputs[1])")
    }
    return [TensorType(.f64, []), inputs[0]]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    [node.outputs[1], nil]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let differences = zip(inputs[0].values, inputs[1].values).map { $0 - $1 }
    let count = Double(differences.count)
    return [
      ReferenceTensor([], [differences.reduce(0) { $0 + $1 * $1 } / count]),
      ReferenceTensor(inputs[0].shape, differences.map { 2 * $0 / count }),
    ]
  }
}
