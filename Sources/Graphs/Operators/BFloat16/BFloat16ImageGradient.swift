import Basics
import Kernels
import Tensors

/// The derivative by a convolution's images, of bfloat16 derivatives and filters, with sums in float32.
///
/// Reads what `ImageGradient` reads, the derivative by the output as bfloat16, and one that it is added
/// to in the type of its own output. Filters are rounded to bfloat16.
package struct BFloat16ImageGradient: Operator {
  /// The derivative in floats.
  package let gradient: ImageGradient
  /// The type of what is given: bf16 or f32.
  package let output: DType

  /// Makes one of a derivative of floats.
  ///
  /// - Parameters:
  ///   - gradient: Of a convolution.
  ///   - output: The type of what is given: bf16 or f32.
  package init(_ gradient: ImageGradient, output: DType) {
    precondition(output == .bf16 || output == .f32, "a derivative that is \(output)")
    (self.gradient, self.output) = (gradient, output)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard let given = inputs.first, given.element == .bf16 else {
      throw Problem(.malformed, "\(inputs.first?.description ?? "nothing") is no bfloat16")
    }
    var result = try gradient.outputs(inputs)[0]
    result.element = output
    guard !gradient.accumulates || inputs[2] == result else {
      throw Problem(.malformed, "\(result) cannot be added to \(inputs[2])")
    }
    return [result]
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? { gradient.filterShape(inputs) }
  package var aliases: [Alias] { gradient.aliases }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var read = inputs
    read[1].values = read[1].values.map { Double(BFloat16(Float($0)).value) }
    return gradient.reference(read)
  }
}
