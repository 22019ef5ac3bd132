import Basics
import Kernels
import Tensors

/// Attention over the heads of queries, keys and values.
///
/// Reads the three of them, either as `items × heads × rows × floats` or as `items × rows × floats`
/// of all heads; then a mask, keys and values of earlier calls, and numbers of keys, as far as there
/// are. Gives the output in the form of the queries; then all keys and values by heads, and scores,
/// as far as they are wanted.
package struct HeadAttention: Operator {
  /// Heads of queries, where three dimensions do not say it.
  package var heads = 0
  /// Heads of keys and values, likewise.
  package var keyHeads = 0
  /// Which keys are seen; `scale` 0 stands for one over the root of a query's length.
  package var rule = Attention.Rule(scale: 0)
  package var hasMask = false
  /// Whether the mask says which keys are seen, instead of what is added to scores.
  package var masksByFlags = false
  /// Whether there are keys and values of earlier calls; then all of them are given too.
  package var hasPast = false
  /// Whether keys are counted for each item.
  package var hasKeyCounts = false
  /// Whether all keys and values are given.
  package var givesCache = false
  /// Which scores are given; nil for none.
  package var stage: Attention.Stage?

  /// Attention without anything beside it.
  package init() {}

  /// Index of the first input of earlier calls, and of the numbers of keys.
  package var pastInput: Int { hasMask ? 4 : 3 }
  /// Index of the numbers of keys.
  package var countInput: Int { pastInput + (hasPast ? 2 : 0) }
  /// Index of the scores among the outputs.
  package var scoreOutput: Int { givesCache ? 3 : 1 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(countInput + (hasKeyCounts ? 1 : 0), of: inputs)
    try requireFloats(Array(inputs[..<3]))
    let past = hasPast ? inputs[pastInput].dimensions : []
    guard let size = size(inputs.map(\.dimensions), past: past), givesCache || !hasPast,
      let item = inputs[0].dimensions.first,
      inputs[1...2].allSatisfy({ $0.dimensions.first == item })
    else {
      throw Problem(
        .malformed, "attention cannot take \(inputs.map(\.description).joined(separator: ", "))")
    }
    if hasMask { try check(inputs[3], item: item, size) }
    let before = size.keys - inputRows(inputs[1])
    for (index, width) in [size.depth, size.width].enumerated() where hasPast {
      let type = TensorType(.f32, [item, .fixed(size.keyHeads), .fixed(before), .fixed(width)])
      guard inputs[pastInput + index] == type else {
        throw Problem(.malformed, "\(inputs[pastInput + index]) cannot come before, but \(type)")
      }
    }
    if hasKeyCounts, inputs[countInput] != TensorType(.i64, [item]) {
      throw Problem(.malformed, "\(inputs[countInput]) is not a number of keys for each item")
    }
    let (rows, width) = (Dimension.fixed(size.queries), size.width)
    var outputs = [
      TensorType(
        .f32,
        inputs[0].dimensions.count == 3
          ? [item, rows, .fixed(size.heads * width)]
          : [item, .fixed(size.heads), rows, .fixed(width)])
    ]
    if givesCache {
      outputs += [size.depth, width].map {
        TensorType(.f32, [item, .fixed(size.keyHeads), .fixed(size.keys), .fixed($0)])
      }
    }
    if stage != nil {
      outputs.append(TensorType(.f32, [item, .fixed(size.heads), rows, .fixed(size.keys)]))
    }
    return outputs
  }

  package func macs(_ inputs: [Shape]) -> MACs {
    let lengths = inputs.map { $0.dimensions.map { Dimension.fixed($0) } }
    return size(lengths, past: hasPast ? lengths[pastInput] : [])?.macs ?? MACs(0)
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0] else {
      return [Graph.Value?](repeating: nil, count: node.inputs.count)
    }
    guard !hasPast, !givesCache, !hasKeyCounts, stage == nil, rule.cap == 0 else {
      throw Problem(
        .malformed,
        "\(node.name): attention with earlier keys, counted keys, soft-capped scores or scores "
          + "that are given has no gradient")
    }
    if hasMask, tape.wants(node.inputs[3]) {
      throw Problem(.malformed, "\(node.name): attention has no gradient by its mask")
    }
    var result: [Graph.Value?] = try tape.append(
      node.name, HeadAttentionGradient(attention: self), node.inputs + [output])
    if hasMask { result.append(nil) }
    return result
  }

  private func inputRows(_ type: TensorType) -> Int {
    type.dimensions[type.dimensions.count - 2].length ?? 0
  }

  /// Refuses a mask that does not lie on the scores.
  private func check(
    _ mask: TensorType, item: Dimension, _ size: Attention.Size
  ) throws(Problem) {
    let scores = [item, .fixed(size.heads), .fixed(size.queries)]
    let outer = mask.dimensions.dropLast()
    let fits = zip(outer.reversed(), scores.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
    guard mask.element == (masksByFlags ? .bool : .f32), outer.count <= 3, fits,
      let keys = mask.dimensions.last?.length, keys <= size.keys
    else { throw Problem(.malformed, "\(mask) is no mask for \(size.queries) by \(size.keys)") }
  }

  /// All lengths of one item.
  ///
  /// - Parameters:
  ///   - inputs: Dimensions of queries, keys and values; what comes behind them is not looked at.
  ///   - past: Dimensions of the keys of earlier calls; empty where there are none.
  /// - Returns: nil where they do not fit one another; an item for a batch.
  package func size(_ inputs: [[Dimension]], past: [Dimension]) -> Attention.Size? {
    let lengths = inputs[..<3].map { $0.dropFirst().compactMap(\.length) }
    guard lengths.allSatisfy({ $0.count == lengths[0].count }), past.isEmpty || past.count == 4,
      let before = past.isEmpty ? 0 : past[2].length
    else { return nil }
    let items = inputs[0].first?.length ?? 1
    let (q, k, v) = (lengths[0], lengths[1], lengths[2])
    if q.count == 3 {
      guard k[0] > 0, q[0] % k[0] == 0, v[0] == k[0], q[2] == k[2], k[1] == v[1] else { return nil }
      return Attention.Size(
        batch: items, heads: q[0], keyHeads: k[0], queries: q[1], keys: k[1] + before, depth: q[2],
        width: v[2])
    }
    guard q.count == 2, heads > 0, keyHeads > 0, heads % keyHeads == 0, q[1] % heads == 0,
      k[1] % keyHeads == 0, v[1] % keyHeads == 0, q[1] / heads == k[1] / keyHeads, k[0] == v[0],
      !heads.multipliedReportingOverflow(by: v[1] / keyHeads).overflow
    else { return nil }
    return Attention.Size(
      batch: items, heads: heads, keyHeads: keyHeads, queries: q[0], keys: k[0] + before,
      depth: q[1] / heads, width: v[1] / keyHeads)
  }

  /// How the rows of an input or of the output lie.
  ///
  /// - Parameters:
  ///   - isByHeads: Whether heads are a dimension of their own.
  ///   - heads: How many.
  ///   - rows: Rows of an item.
  ///   - width: Floats of a head's row.
  /// - Returns: The distances.
  package static func rows(
    isByHeads: Bool, heads: Int, rows: Int, width: Int
  ) -> Attention.Rows {
    isByHeads
      ? Attention.Rows(item: heads * rows * width, head: rows * width, row: width)
      : Attention.Rows(item: rows * heads * width, head: width, row: heads * width)
  }

  /// How queries, keys, values and outputs lie where no keys are kept.
  ///
  /// - Parameters:
  ///   - size: All lengths.
  ///   - isByHeads: Whether heads are a dimension of their own.
  /// - Returns: The distances.
  package static func rows(
    of size: Attention.Size, isByHeads: Bool
  ) -> (
    queries: Attention.Rows, keys: Attention.Rows, values: Attention.Rows, outputs: Attention.Rows
  ) {
    func lie(_ heads: Int, _ rows: Int, _ width: Int) -> Attention.Rows {
      Self.rows(isByHeads: isByHeads, heads: heads, rows: rows, width: width)
    }
    return (
      lie(size.heads, size.queries, size.depth), lie(size.keyHeads, size.keys, size.depth),
      lie(size.keyHeads, size.keys, size.width), lie(size.heads, size.queries, size.width)
    )
  }

  /// The rule for queries of `depth` floats, its factor not 0.
  package func scaledRule(depth: Int) -> Attention.Rule {
    var result = rule
    if result.scale == 0 { result.scale = 1 / Float(depth).squareRoot() }
    return result
  }

  /// The factor of the products of queries of `depth` floats, in float64.
  func scale(depth: Int) -> Double {
    rule.scale == 0 ? 1 / Double(depth).squareRoot() : Double(rule.scale)
  }
}
