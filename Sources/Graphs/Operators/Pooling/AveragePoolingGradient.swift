import Basics
import Tensors

/// The derivative by what an average pool read; reads that by its output.
package struct AveragePoolingGradient: Operator {
  package var pool: AveragePooling
  /// The type of what it read.
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    var sums = [Double](repeating: 0, count: target.count)
    pool.forEachTap(target) { output, input, _ in
      sums[input] += inputs[0].values[output] / Double(pool.window * pool.window)
    }
    return [ReferenceTensor(target, sums)]
  }
}
