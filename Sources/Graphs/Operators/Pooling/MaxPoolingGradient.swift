import Basics
import Tensors

/// The derivative by what a max pool read; reads that by its output, and the positions.
package struct MaxPoolingGradient: Operator {
  package var pool: MaxPooling
  /// The type of what it read.
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    var sums = [Double](repeating: 0, count: target.count)
    pool.forEachTap(target) { output, input, position in
      if inputs[1].values[output] == Double(position) { sums[input] += inputs[0].values[output] }
    }
    return [ReferenceTensor(target, sums)]
  }
}
