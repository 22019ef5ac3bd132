import Basics
import Kernels
import Tensors

/// A byte for each byte: a function of one number between two quantizations, or a change of these.
///
/// There are 256 of them, so that each is computed once, as the definition has it.
package struct ByteMapping: Operator {
  /// The byte that takes the place of each, 256 of them.
  package let table: [UInt8]
  /// What those stand for.
  package let quantization: Quantization

  /// Computes the table.
  ///
  /// - Parameters:
  ///   - input: What the bytes that are read stand for.
  ///   - output: What those that are given stand for.
  ///   - function: Done in between, in float32; nil for none.
  package init(
    from input: Quantization, to output: Quantization, by function: PointwiseFunction? = nil
  ) {
    quantization = output
    table = (0...255).map { byte in
      let number = input.real(UInt8(byte))
      return output.byte(of: function.map { Float($0.value(at: Double(number))) } ?? number)
    }
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard inputs[0].element == .u8 else {
      throw Problem(.malformed, "\(inputs[0]) are no bytes")
    }
    return [TensorType(quantization, inputs[0].dimensions)]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [ReferenceTensor(inputs[0].shape, inputs[0].values.map { Double(table[Int($0)]) })]
  }
}
