import Basics
import Kernels
import Tensors

/// A function of one number, done to every element; but for GELU's two forms for inference alone.
///
/// Functions of floats take bfloat16, too, whose results are rounded once.
package struct Pointwise: Operator {
  package var function: PointwiseFunction

  package init(_ function: PointwiseFunction) { self.function = function }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let (given, isRounded) = (inputs[0].element, inputs[0].element == .bf16)
    guard let result = function.output(of: isRounded ? .f32 : given),
      !isRounded || result == .f32
    else {
      throw Problem(.malformed, "\(inputs[0]) has no \(function)")
    }
    return [TensorType(isRounded ? given : result, inputs[0].dimensions)]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }
  package var outputBound: Double? { function.bound }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0] else { return [nil] }
    return try tape.append(
      node.name, PointwiseGradient(function: function), [node.inputs[0], output])
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    let values = inputs[0].values
    return [ReferenceTensor(inputs[0].shape, on: pool) { function.value(at: values[$0]) }]
  }
}
