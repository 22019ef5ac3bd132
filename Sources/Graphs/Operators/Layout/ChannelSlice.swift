import Basics
import Tensors

/// Some consecutive channels of a tensor: the derivative by one part of a concatenation.
package struct ChannelSlice: Operator {
  /// The first channel.
  package var first: Int
  package var count: Int

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let element = inputs[0].element
    guard element == .f32 || element == .bf16, let channels = inputs[0].dimensions.last?.length,
      first >= 0, count > 0, count <= channels - first
    else { throw Problem(.malformed, "\(inputs[0]) has no channels \(first) to \(first + count)") }
    return [TensorType(element, inputs[0].dimensions.dropLast() + [.fixed(count)])]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let shape = Shape(inputs[0].shape.dimensions.dropLast() + [count]) else { return [] }
    return [
      ReferenceTensor(shape) { index in
        inputs[0].values[index / count * inputs[0].shape.C + first + index % count]
      }
    ]
  }
}
