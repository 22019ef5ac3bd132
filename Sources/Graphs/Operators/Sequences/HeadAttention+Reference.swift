import Foundation
import Kernels
import Tensors

extension HeadAttention {
  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
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
    let columns = PlainProduct.transposed(k.values, rows: size.keys, columns: size.depth)
    // A query's sums, and behind them its scores where those are wanted.
    let span = size.width + (stage == nil ? 0 : size.keys)
    let rows = PlainProduct.rows(
      size.batch * size.heads * size.queries, width: span, on: pool
    ) { row, target in
      let (query, head) = (row % size.queries, row / size.queries % size.heads)
      let item = row / size.queries / size.heads
      let keyHead = item * size.keyHeads + head / (size.heads / size.keyHeads)
      let products = PlainProduct.rows(1, width: size.keys, on: .alone) { _, line in
        PlainProduct.add(
          q.values, at: row * size.depth, depth: size.depth, times: columns,
          at: keyHead * size.depth * size.keys, width: size.keys, to: line)
      }
      let all = stages(products, item, head, query, size, before, inputs)
      PlainProduct.add(
        all[3], at: 0, depth: size.keys, times: v.values, at: keyHead * size.keys * size.width,
        width: size.width, to: target)
      guard let stage else { return }
      for (key, score) in all[stage.rawValue].enumerated() { target[size.width + key] = score }
    }
    let output: Shape =
      isByHeads
      ? [size.batch, size.heads, size.queries, size.width]
      : [size.batch, size.queries, size.heads * size.width]
    var outputs = [
      ReferenceTensor(output) { place in
        let (j, other) = (place % size.width, place / size.width)
        guard !isByHeads else { return rows[other * span + j] }
        let (head, query) = (other % size.heads, other / size.heads % size.queries)
        let item = other / size.heads / size.queries
        return rows[((item * size.heads + head) * size.queries + query) * span + j]
      }
    ]
    if givesCache { outputs += [k, v] }
    if stage != nil {
      outputs.append(
        ReferenceTensor([size.batch, size.heads, size.queries, size.keys]) { place in
          rows[place / size.keys * span + size.width + place % size.keys]
        })
    }
    return outputs
  }

  /// The scores of a query at each stage.
  func stages(
    _ products: [Double], _ item: Int, _ head: Int, _ query: Int, _ size: Attention.Size,
    _ before: Int, _ inputs: [ReferenceTensor]
  ) -> [[Double]] {
    let scale = scale(depth: size.depth)
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
