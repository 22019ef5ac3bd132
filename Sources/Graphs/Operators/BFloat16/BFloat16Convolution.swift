import Basics
import Kernels
import Tensors

/// A convolution or fully connected layer of bfloat16 images and filters, with sums in float32.
///
/// Reads what the layer reads, the images as bfloat16 and the residual as bfloat16 or float32. Norms are
/// folded into the filters in float32; these are rounded to bfloat16 once, when a program is compiled.
package struct BFloat16Convolution: Operator {
  /// The layer, with all that is folded into it or follows it.
  package let layer: Convolution
  /// The type of what is given: bf16 or f32.
  package let output: DType

  /// Makes one of a layer of floats.
  ///
  /// - Parameters:
  ///   - layer: With all that is folded into it or follows it.
  ///   - output: The type of what is given: bf16 or f32.
  package init(_ layer: Convolution, output: DType) {
    precondition(output == .bf16 || output == .f32, "a layer that gives \(output)")
    (self.layer, self.output) = (layer, output)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard let image = inputs.first, image.element == .bf16 else {
      throw Problem(.malformed, "\(inputs.first?.description ?? "nothing") is no bfloat16")
    }
    var own = inputs
    own[0] = image.floats
    if let place = layer.residualInput, inputs.indices.contains(place),
      inputs[place].element == .bf16
    {
      own[place] = inputs[place].floats
    }
    var result = try layer.outputs(own)[0]
    result.element = output
    return [result]
  }

  package func filterShape(_ inputs: [Shape]) -> ConvShape? { layer.filterShape(inputs) }
  package var canWriteRange: Bool { layer.canWriteRange }
  package var aliases: [Alias] { layer.aliases }
  package var outputBound: Double? { layer.outputBound }
}
