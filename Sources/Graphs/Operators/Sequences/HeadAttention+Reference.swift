import Foundation
import Kernels
import Tensors

extension HeadAttention {
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let dimensions = inputs.map { $0.shape.dimensions.map { Dimension.fixed($0) } }
    guard let size = size(dimensions, past: hasPast ? dimensions[pastInput] : []) else {
      return []
    }
    let isByHeads = inputs[0].shape.rank == 4
    let before = hasPast ? inputs[pastInput].shape.dimensions[2] : 0
    /// A tensor by items, heads, rows and floats, with what comes before it.
    func byHeads(_ index: Int, heads: Int, rows: Int, width: Int, past: Int?) -> ReferenceTensor {
      let lies = Self.rows(isByHeads: isByHeads, heads: heads, rows: rows, width: width)
      let first = past == nil ? 0 : before
      return ReferenceTensor([size.batch, heads, first + rows, width]) { place in
        let (j, row) = (place % width, place / width % (first + rows))
        let head = place / width / (first + rows) % heads
        let item = place / width / (first + rows) / heads
        if let past, row < first {
          return inputs[past].values[((item * heads + head) * first + row) * width + j]
        }
        return inputs[index].values[
          item * lies.item + head * lies.head + (row - first) * lies.row + j]
      }
    }
    let new = size.keys - before
    let q = byHeads(0, heads: size.heads, rows: size.queries, width: size.depth, past: nil)
    let k = byHeads(
      1, heads: size.keyHeads, rows: new, width: size.depth, past: hasPast ? pastInput : nil)
    let v = byHeads(
      2, heads: size.keyHeads, rows: new, width: size.width, past: hasPast ? pastInput + 1 : nil)
    var scores: [Double] = []
    var result = [Double](repeating: 0, count: size.batch * size.heads * size.queries * size.width)
    let lies = Self.rows(
      isByHeads: isByHeads, heads: size.heads, rows: size.queries, width: size.width)
    for item in 0..<size.batch {
      for head in 0..<size.heads {
        let keyHead = item * size.keyHeads + head / (size.heads / size.keyHeads)
        for query in 0..<size.queries {
          let row = ((item * size.heads + head) * size.queries + query) * size.depth
          let line = (0..<size.keys).map { key in
            let other = (keyHead * size.keys + key) * size.depth
            var sum = 0.0
            for j in 0..<size.depth { sum += q.values[row + j] * k.values[other + j] }
            return sum
          }
          let all = stages(line, item, head, query, size, before, inputs)
          if let stage { scores += all[stage.rawValue] }
          for (key, share) in all[3].enumerated() {
            let target = item * lies.item + head * lies.head + query * lies.row
            let source = (keyHead * size.keys + key) * size.width
            for j in 0..<size.width { result[target + j] += share * v.values[source + j] }
          }
        }
      }
    }
    let output: Shape =
      isByHeads
      ? [size.batch, size.heads, size.queries, size.width]
      : [size.batch, size.queries, size.heads * size.width]
    var outputs = [ReferenceTensor(output, result)]
    if givesCache { outputs += [k, v] }
    if stage != nil {
      outputs.append(ReferenceTensor([size.batch, size.heads, size.queries, size.keys], scores))
    }
    return outputs
  }

  /// The scores of a query at each stage.
  private func stages(
    _ products: [Double], _ item: Int, _ head: Int, _ query: Int, _ size: Attention.Size,
    _ before: Int, _ inputs: [ReferenceTensor]
  ) -> [[Double]] {
    let scale = rule.scale == 0 ? 1 / Double(size.depth).squareRoot() : Double(rule.scale)
    let scaled = products.map { $0 * scale }
    let cap = Double(rule.cap)
    let bent = cap > 0 ? scaled.map { cap * tanh($0 / cap) } : scaled
    let count = hasKeyCounts ? Int(inputs[countInput].values[item]) : size.keys
    let own = query + (hasKeyCounts ? count - size.queries : before)
    let masked = bent.enumerated().map { key, score in
      let isHidden =
        key >= count || (rule.isCausal && key > own) || rule.left.map { own - key > $0 } ?? false
        || rule.right.map { key - own > $0 } ?? false
      guard !isHidden else { return -Double.infinity }
      return score + (hasMask ? mask(inputs[3], item, head, query, key) : 0)
    }
    let top = masked.max() ?? 0
    guard top > -.infinity else {
      return [scaled, bent, masked, masked.map { _ in 0 }]
    }
    let sum = masked.reduce(0) { $0 + exp($1 - top) }
    return [scaled, bent, masked, masked.map { exp($0 - top) / sum }]
  }

  private func mask(
    _ mask: ReferenceTensor, _ item: Int, _ head: Int, _ query: Int, _ key: Int
  ) -> Double {
    let lengths = [Int](repeating: 1, count: 4 - mask.shape.rank) + mask.shape.dimensions
    guard key < lengths[3] else { return -.infinity }
    var place = 0
    for (length, index) in zip(lengths, [item, head, query, key]) {
      place = place * length + (length == 1 ? 0 : index)
    }
    let value = mask.values[place]
    guard masksByFlags else { return value }
    return value == 0 ? -.infinity : 0
  }
}
