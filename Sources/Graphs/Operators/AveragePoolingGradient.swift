import Basics
import Tensors

/// The derivative by what an average pool read; reads that by its output.
package struct AveragePoolingGradient: Operator {
  /// The pool.
  package var pool: AveragePooling
  /// The type of what it read.
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    let (output, window) = (inputs[0].shape, pool.window)
    var sums = [Double](repeating: 0, count: target.count)
    for (index, value) in inputs[0].values.enumerated() {
      let (c, pixel) = (index % output.C, index / output.C)
      let (q, p, n) = (pixel % output.W, pixel / output.W % output.H, pixel / output.W / output.H)
      for position in 0..<window * window {
        let h = p * pool.stride + position / window - pool.padding
        let w = q * pool.stride + position % window - pool.padding
        guard h >= 0, h < target.H, w >= 0, w < target.W else { continue }
        sums[((n * target.H + h) * target.W + w) * target.C + c] += value / Double(window * window)
      }
    }
    return [ReferenceTensor(target, sums)]
  }
}
