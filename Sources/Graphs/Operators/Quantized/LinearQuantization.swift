import Basics
import Kernels
import Tensors

/// Numbers as the bytes that are nearest to them; ONNX's `QuantizeLinear` with one scale.
package struct LinearQuantization: Operator {
  /// What the bytes stand for.
  package var quantization: Quantization

  /// Names it.
  package init(_ quantization: Quantization) { self.quantization = quantization }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireFloats(inputs)
    return [TensorType(quantization, inputs[0].dimensions)]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        inputs[0].shape, inputs[0].values.map { Double(quantization.byte(of: Float($0))) })
    ]
  }
}
