import Basics
import Kernels
import Tensors

/// Bytes of one quantization for those of another, by a function of the number that they stand for.
///
/// There are 256 of them, so that each can be computed once, as the definition has it.
package struct ByteMapping: Operator {
  /// What the bytes that are read stand for.
  package let input: Quantization
  /// What those that are given stand for.
  package let output: Quantization
  /// Done in between; nil for a change of quantization alone.
  package let function: PointwiseFunction?

  /// Names all three.
  package init(
    from input: Quantization, to output: Quantization, by function: PointwiseFunction? = nil
  ) {
    (self.input, self.output, self.function) = (input, output, function)
  }

  /// The function, done to one number.
  package func value(at number: Float) -> Float {
    function.map { Float($0.value(at: Double(number))) } ?? number
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard inputs[0].quantization == input else {
      throw Problem(
        .malformed, "\(inputs[0]) are no bytes of \(input.scale) from \(input.zeroPoint)")
    }
    return [TensorType(output, inputs[0].dimensions)]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }
  package var canWriteRange: Bool { function == nil }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        inputs[0].shape,
        inputs[0].values.map { Double(output.byte(of: value(at: input.real(UInt8($0))))) })
    ]
  }
}
