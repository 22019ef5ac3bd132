import Basics
import Tensors

/// The derivative by what a max pool read; reads that by its output, and the positions.
package struct MaxPoolingGradient: Operator {
  /// The pool.
  package var pool: MaxPooling
  /// The type of what it read.
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    let output = inputs[0].shape
    var sums = [Double](repeating: 0, count: target.count)
    for (index, value) in inputs[0].values.enumerated() {
      let (c, pixel) = (index % output.C, index / output.C)
      let (q, p, n) = (pixel % output.W, pixel / output.W % output.H, pixel / output.W / output.H)
      let position = Int(inputs[1].values[index])
      let h = p * pool.stride + position / pool.window - pool.padding
      let w = q * pool.stride + position % pool.window - pool.padding
      sums[((n * target.H + h) * target.W + w) * target.C + c] += value
    }
    return [ReferenceTensor(target, sums)]
  }
}
