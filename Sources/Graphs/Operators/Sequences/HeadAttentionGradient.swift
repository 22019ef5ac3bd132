import Basics
import Kernels
import Tensors

/// The derivatives by queries, keys and values of attention, from that by its output.
///
/// Reads what the attention read, and the derivative by its output.
package struct HeadAttentionGradient: Operator {
  /// The attention, without caches and counts of keys.
  package var attention: HeadAttention

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let given = try attention.outputs(Array(inputs.dropLast()))
    guard let gradient = inputs.last, given == [gradient] else {
      throw Problem(.malformed, "\(inputs) are no attention and the derivative by it")
    }
    return Array(inputs[..<3])
  }

  /// Four products, each as long as one of the two of the attention.
  package func macs(_ inputs: [Shape]) -> MACs {
    MACs(2 * attention.macs(Array(inputs.dropLast())).count)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let dimensions = inputs[..<3].map { $0.shape.dimensions.map { Dimension.fixed($0) } }
    guard let size = attention.size(dimensions, past: []) else { return [] }
    let isByHeads = inputs[0].shape.rank == 4
    let (queries, keys, values, outputs) = HeadAttention.rows(of: size, isByHeads: isByHeads)
    let (q, k, v) = (inputs[0].values, inputs[1].values, inputs[2].values)
    let gradient = inputs[inputs.count - 1].values
    let scale = attention.scale(depth: size.depth)
    var (dq, dk, dv) = (q.map { _ in 0.0 }, k.map { _ in 0.0 }, v.map { _ in 0.0 })
    for row in 0..<size.batch * size.heads * size.queries {
      let (query, head) = (row % size.queries, row / size.queries % size.heads)
      let item = row / size.queries / size.heads
      let keyHead = head / (size.heads / size.keyHeads)
      let firstQuery = item * queries.item + head * queries.head + query * queries.row
      let firstOutput = item * outputs.item + head * outputs.head + query * outputs.row
      let firstKey = item * keys.item + keyHead * keys.head
      let firstValue = item * values.item + keyHead * values.head
      var (products, slopes) = ([Double](), [Double]())
      for key in 0..<size.keys {
        var (product, slope) = (0.0, 0.0)
        for j in 0..<size.depth {
          product += q[firstQuery + j] * k[firstKey + key * keys.row + j]
        }
        for j in 0..<size.width {
          slope += gradient[firstOutput + j] * v[firstValue + key * values.row + j]
        }
        products.append(product)
        slopes.append(slope)
      }
      let shares = attention.stages(products, item, head, query, size, 0, inputs)[3]
      let mean = zip(shares, slopes).reduce(0) { $0 + $1.0 * $1.1 }
      for key in 0..<size.keys {
        let slope = scale * shares[key] * (slopes[key] - mean)
        for j in 0..<size.depth {
          dq[firstQuery + j] += slope * k[firstKey + key * keys.row + j]
          dk[firstKey + key * keys.row + j] += slope * q[firstQuery + j]
        }
        for j in 0..<size.width {
          dv[firstValue + key * values.row + j] += shares[key] * gradient[firstOutput + j]
        }
      }
    }
    return zip(inputs, [dq, dk, dv]).map { ReferenceTensor($0.shape, $1) }
  }
}
