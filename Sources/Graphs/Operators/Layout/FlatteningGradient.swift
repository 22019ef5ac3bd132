import Basics
import Tensors

/// The derivative by an image that was flattened: that by the row, in the image's own order.
package struct FlatteningGradient: Operator {
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    return [inputs[0].unflattened(target)]
  }
}
