import Basics
import Tensors

/// The derivative by a bias: that by the output, summed over all rows.
package struct BiasSum: Operator {
  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    return [TensorType(.f32, [inputs[0].dimensions.last ?? 1])]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let channels = inputs[0].shape.C
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in inputs[0].values.enumerated() { sums[index % channels] += value }
    return [ReferenceTensor([channels], sums)]
  }
}
