import Basics
import Kernels
import Tensors

/// The derivative by what a padding read: that by its output, without the border.
package struct ImageCropping: Operator {
  /// What is taken off.
  package var border: ImageBorder
  /// The type of what is left.
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard try ImagePadding(border).outputs([image]) == inputs else {
      throw Problem(.malformed, "\(inputs[0]) is not \(image) with a border")
    }
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    return [
      ReferenceTensor(target) { index in
        let (c, pixel) = (index % target.C, index / target.C)
        let (h, w) = (pixel / target.W % target.H, pixel % target.W)
        return inputs[0].pixel(
          pixel / target.W / target.H, h + border.top, w + border.left, c)
      }
    ]
  }
}
