import Basics
import Tensors

/// The derivative by a bias: that by the output, summed over all rows.
package struct BiasSum: Operator {
  /// Which part of a larger bias it is, which is 0 elsewhere; nil for all of it.
  package var part: Convolution.Part?
  package var isPerImage: Bool { false }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let own = inputs[0].dimensions.last ?? 1
    guard let part else { return [TensorType(.f32, [own])] }
    guard let length = own.length, part.first >= 0, length <= part.total - part.first else {
      throw Problem(.malformed, "\(own) numbers are no part of \(part.total)")
    }
    return [TensorType(.f32, [.fixed(part.total)])]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let channels = inputs[0].shape.C
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in inputs[0].values.enumerated() { sums[index % channels] += value }
    guard let part else { return [ReferenceTensor([channels], sums)] }
    return [
      ReferenceTensor([part.total]) { index in
        sums.indices.contains(index - part.first) ? sums[index - part.first] : 0
      }
    ]
  }
}
