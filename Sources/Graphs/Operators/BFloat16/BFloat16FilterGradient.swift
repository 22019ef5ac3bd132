import Basics
import Kernels
import Tensors

/// The derivative by a convolution's filters, of bfloat16 images and derivatives, with sums in float32.
///
/// Reads what `FilterGradient` reads, images and the derivative by the output as bfloat16; gives float32.
package struct BFloat16FilterGradient: Operator {
  /// The derivative in floats.
  package let gradient: FilterGradient

  /// Makes one of a derivative of floats.
  package init(_ gradient: FilterGradient) { self.gradient = gradient }

  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard inputs.count > 1, inputs[0].element == .bf16, inputs[1].element == .bf16 else {
      throw Problem(.malformed, "\(inputs) are no bfloat16 images and derivatives")
    }
    return try gradient.outputs([inputs[0].floats, inputs[1].floats] + inputs.dropFirst(2))
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? { gradient.filterShape(inputs) }
  package var aliases: [Alias] { gradient.aliases }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    gradient.reference(inputs)
  }
}
