import Basics
import Tensors

/// The derivative by what a hyperbolic tangent read: that by its output `y`, times `1 − y²`.
///
/// Reads the output and the derivative by it.
package struct TanhGradient: Operator {
  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs[0] == inputs[1] else {
      throw Problem(.malformed, "the derivative by \(inputs[0]) is no \(inputs[1])")
    }
    return [inputs[1]]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 1)] }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        inputs[1].shape, zip(inputs[0].values, inputs[1].values).map { $1 * (1 - $0 * $0) })
    ]
  }
}
