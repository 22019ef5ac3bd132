import Basics
import Kernels
import Tensors

/// The numbers that bytes stand for; ONNX's `DequantizeLinear` with one scale.
package struct LinearDequantization: Operator {
  /// What the bytes stand for.
  package var quantization: Quantization

  /// Names it.
  package init(_ quantization: Quantization) { self.quantization = quantization }

  package var canWriteRange: Bool { true }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard inputs[0].element == .u8, inputs[0].quantization ?? quantization == quantization else {
      throw Problem(
        .malformed,
        "\(inputs[0]) are no bytes of \(quantization.scale) from \(quantization.zeroPoint)")
    }
    return [inputs[0].floats]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [
      ReferenceTensor(
        inputs[0].shape,
        inputs[0].values.map { Double(quantization.real(UInt8($0))) })
    ]
  }
}
