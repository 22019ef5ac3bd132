import Basics
import Foundation
import Kernels
import Tensors

/// Causal attention that goes on from the keys and values of earlier tokens, which it keeps.
///
/// Reads queries, keys and values of new tokens, `items × rows × floats` of all heads; their
/// positions, which follow one another, unless they begin at 0; and the keys and values so far, as
/// `KeyValueLayout` lays them out. Gives the output in the form of the queries. A run appends the new
/// keys and values to those so far where they lie, which no other node may read.
package struct CachedAttention: Operator {
  /// Heads of queries, and of keys and values, which divide them.
  package var (heads, keyHeads): (Int, Int)
  /// Factor of the products; 0 stands for one over the root of a query's length.
  package var scale: Float
  /// Positions that there is room for.
  package var capacity: Int
  /// Whether positions are read; otherwise the first token is at 0.
  package var readsPositions: Bool

  /// Attention with the heads and the factor of one without a cache.
  ///
  /// - Parameters:
  ///   - plain: Causal, without anything beside it.
  ///   - capacity: Positions that there is room for.
  ///   - readsPositions: Whether positions are read.
  package init(_ plain: HeadAttention, capacity: Int, readsPositions: Bool) {
    (heads, keyHeads, scale) = (plain.heads, plain.keyHeads, plain.rule.scale)
    (self.capacity, self.readsPositions) = (capacity, readsPositions)
  }

  /// Index of the positions among the inputs; nil where they begin at 0.
  package var positionInput: Int? { readsPositions ? 3 : nil }
  /// Index of the keys so far among the inputs; the values so far follow.
  package var cacheInput: Int { readsPositions ? 4 : 3 }

  /// One token after another reads all weights, for the whole batch once; a prompt's items fill the
  /// caches one by one.
  package var isPerImage: Bool { !readsPositions }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(cacheInput + 2, of: inputs)
    try requireFloats(Array(inputs[..<3]) + inputs[cacheInput...])
    guard inputs[..<3].allSatisfy({ $0.dimensions.count == 3 }),
      let item = inputs[0].dimensions.first,
      inputs[1...2].allSatisfy({ $0.dimensions.first == item }),
      let size = size(inputs[..<3].map(\.dimensions)), size.queries == size.keys,
      size.queries <= capacity
    else {
      throw Problem(
        .malformed,
        "attention from a cache of \(capacity) cannot take "
          + inputs[..<3].map(\.description).joined(separator: ", "))
    }
    if let positionInput, inputs[positionInput] != TensorType(.i64, [.fixed(size.queries)]) {
      throw Problem(.malformed, "\(inputs[positionInput]) is not a position for each row")
    }
    for (given, wanted) in zip(inputs[cacheInput...], cacheTypes(item: item, size)) {
      guard given == wanted else {
        throw Problem(.malformed, "\(given) is no cache, but \(wanted) would be")
      }
    }
    return [
      TensorType(.f32, [item, .fixed(size.queries), .fixed(size.heads * size.width)])
    ]
  }

  /// All lengths, as without a cache.
  ///
  /// - Parameter inputs: Dimensions of queries, keys and values.
  /// - Returns: nil where they do not fit one another.
  package func size(_ inputs: [[Dimension]]) -> Attention.Size? {
    var plain = HeadAttention()
    (plain.heads, plain.keyHeads) = (heads, keyHeads)
    return plain.size(inputs, past: [])
  }

  /// As if every query saw the whole cache, or every token of the prompt.
  package func macs(_ inputs: [Shape]) -> MACs {
    let lengths = inputs[..<3].map { $0.dimensions.map { Dimension.fixed($0) } }
    guard var size = size(lengths) else { return MACs(0) }
    if readsPositions { size.keys = capacity }
    return size.macs
  }

  /// How keys and values so far lie.
  package func layout(_ size: Attention.Size) -> KeyValueLayout {
    KeyValueLayout(heads: keyHeads, capacity: capacity, depth: size.depth, width: size.width)
  }

  /// The factor in force.
  package func factor(_ size: Attention.Size) -> Float {
    scale == 0 ? 1 / Float(size.depth).squareRoot() : scale
  }

  /// The types of keys and values so far.
  ///
  /// - Parameters:
  ///   - item: The batch.
  ///   - size: All lengths.
  /// - Returns: Of keys, panel by panel, and of values, row by row.
  package func cacheTypes(item: Dimension, _ size: Attention.Size) -> [TensorType] {
    let layout = layout(size)
    let panel = [layout.panels, size.depth, VectorUnit.lanes].map { Dimension.fixed($0) }
    let rows = [capacity, size.width].map { Dimension.fixed($0) }
    return [panel, rows].map { TensorType(.f32, [item, .fixed(keyHeads)] + $0) }
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let dimensions = inputs[..<3].map { $0.shape.dimensions.map { Dimension.fixed($0) } }
    guard let size = size(dimensions) else { return [] }
    let layout = layout(size)
    let lanes = VectorUnit.lanes
    let first = positionInput.map { Int(inputs[$0].values[0]) } ?? 0
    let (pastKeys, pastValues) = (inputs[cacheInput].values, inputs[cacheInput + 1].values)
    /// A float of a new row, or of one so far.
    func key(_ item: Int, _ head: Int, _ place: Int, _ j: Int) -> Double {
      if place >= first {
        let row = item * size.keys + place - first
        return inputs[1].values[(row * keyHeads + head) * size.depth + j]
      }
      let panel = (item * keyHeads + head) * layout.panels + place / lanes
      return pastKeys[(panel * size.depth + j) * lanes + place % lanes]
    }
    func value(_ item: Int, _ head: Int, _ place: Int, _ j: Int) -> Double {
      if place >= first {
        let row = item * size.keys + place - first
        return inputs[2].values[(row * keyHeads + head) * size.width + j]
      }
      let row = (item * keyHeads + head) * capacity + place
      return pastValues[row * size.width + j]
    }
    var result: [Double] = []
    for item in 0..<size.batch {
      for row in 0..<size.queries {
        for head in 0..<heads {
          let keyHead = head / (heads / keyHeads)
          let query = ((item * size.queries + row) * heads + head) * size.depth
          var scores: [Double] = []
          for place in 0...first + row {
            var sum = 0.0
            for j in 0..<size.depth {
              sum += inputs[0].values[query + j] * key(item, keyHead, place, j)
            }
            scores.append(sum * Double(factor(size)))
          }
          let top = scores.max() ?? 0
          let shares = scores.map { exp($0 - top) }
          let whole = shares.reduce(0, +)
          for j in 0..<size.width {
            var sum = 0.0
            for (place, share) in shares.enumerated() {
              sum += share / whole * value(item, keyHead, place, j)
            }
            result.append(sum)
          }
        }
      }
    }
    return [ReferenceTensor([size.batch, size.queries, heads * size.width], result)]
  }
}
