import Basics
import Tensors

/// The derivative by what an adaptive average pool read; reads that by its output.
package struct AdaptiveAveragePoolingGradient: Operator {
  package var pool: AdaptiveAveragePooling
  /// The type of what it read.
  package var image: TensorType

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    return [image]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    guard let target = image.shape(["batch": inputs[0].shape.N]) else { return [] }
    let windows = pool.shape(target)
    var sums = [Double](repeating: 0, count: target.count)
    for (index, value) in inputs[0].values.enumerated() {
      let (c, pixel) = (index % windows.C, index / windows.C)
      let (n, p, q) = (
        pixel / windows.Q / windows.P, pixel / windows.Q % windows.P, pixel % windows.Q
      )
      let (rows, columns) = (windows.rows(p), windows.columns(q))
      for h in rows {
        for w in columns {
          sums[((n * target.H + h) * target.W + w) * target.C + c] +=
            value / Double(rows.count * columns.count)
        }
      }
    }
    return [ReferenceTensor(target, sums)]
  }
}
