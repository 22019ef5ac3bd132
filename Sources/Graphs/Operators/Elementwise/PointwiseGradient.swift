import Basics
import Kernels
import Tensors

/// The derivative by what a function of one number read: that by its output, times the function's.
///
/// Reads what the function read, and the derivative by its output.
package struct PointwiseGradient: Operator {
  /// The function, one whose derivative is known.
  package var function: PointwiseFunction

  package var aliases: [Alias] { [Alias(output: 0, input: 1)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard function.derivative(at: 0) != nil else {
      throw Problem(.malformed, "\(function) has no gradient")
    }
    let element = inputs[0].element
    guard inputs[0] == inputs[1], element == .f32 || element == .bf16 else {
      throw Problem(.malformed, "the derivative by \(inputs[0]) is no \(inputs[1])")
    }
    return [inputs[1]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (values, gradient) = (inputs[0].values, inputs[1].values)
    return [
      ReferenceTensor(inputs[1].shape) { index in
        gradient[index] * (function.derivative(at: values[index]) ?? .nan)
      }
    ]
  }
}
