/// What is added to the scores of attention, or hides keys.
public struct AttentionMask {
  /// What stands for a query and a key.
  public enum Elements {
    /// A summand.
    case floats(UnsafePointer<Float>)
    /// One byte: 0 hides the key.
    case flags(UnsafePointer<UInt8>)
  }

  /// The elements.
  public var elements: Elements
  /// Elements from item to item, from head to head, from query to query, and from key to key; 0
  /// where one stands for all.
  public var strides: (item: Int, head: Int, query: Int, key: Int)
  /// Keys that have elements; those behind them are hidden.
  public var keys: Int

  /// Names all of it.
  public init(
    _ elements: Elements, strides: (item: Int, head: Int, query: Int, key: Int), keys: Int
  ) {
    (self.elements, self.strides, self.keys) = (elements, strides, keys)
  }
}

/// One query of one head of one item.
struct AttentionRow {
  var item: Int
  var head: Int
  var query: Int
}

/// The way from the products of a query with all keys to shares of the values.
struct AttentionScores: Sendable {
  let size: Attention.Size
  let rule: Attention.Rule

  /// Where scores are given, and at which stage.
  struct Giving {
    var stage: Attention.Stage
    /// One float a key.
    var target: UnsafeMutablePointer<Float>
  }

  /// Turns the products of one query into shares.
  ///
  /// - Parameters:
  ///   - scores: One float a key; those of keys that the query does not see need not be computed.
  ///   - row: The query.
  ///   - mask: What is added to scores, or hides keys; nil for nothing.
  ///   - keyCount: How many keys the item has; nil for all.
  ///   - giving: Where scores go besides; nil where nobody wants them.
  /// - Returns: The keys that the query sees; all others have a share of 0.
  @discardableResult
  func share(
    _ scores: UnsafeMutablePointer<Float>, _ row: AttentionRow, mask: AttentionMask?,
    keyCount: Int? = nil, giving: Giving? = nil
  ) -> Range<Int> {
    let count = size.keys
    /// Gives the scores as they are now, where they are wanted.
    func give(_ stage: Attention.Stage) {
      guard let giving, giving.stage == stage else { return }
      giving.target.update(from: scores, count: count)
    }
    let scale = rule.scale
    for j in 0..<count { scores[j] *= scale }
    give(.products)
    if rule.cap > 0 { bend(scores) }
    give(.bent)
    if let mask { hide(scores, row, mask) }
    let seen = self.seen(row, keyCount)
    if giving?.stage == .masked {
      for j in 0..<count where !seen.contains(j) { scores[j] = -.infinity }
      give(.masked)
    }
    for j in 0..<seen.lowerBound { scores[j] = 0 }
    for j in seen.upperBound..<count { scores[j] = 0 }
    // A query that sees no key gets zeros.
    let start = scores + seen.lowerBound
    if !seen.isEmpty {
      let top = RowSoftmax.largest(seen.count, start)
      if top == -.infinity, !hasNaN(seen.count, start) {
        start.update(repeating: 0, count: seen.count)
      } else {
        RowSoftmax.shares(seen.count, start, less: top, start)
      }
    }
    give(.shares)
    return seen
  }

  private func hasNaN(_ count: Int, _ scores: UnsafePointer<Float>) -> Bool {
    for j in 0..<count where scores[j].isNaN { return true }
    return false
  }

  /// The keys that a query sees; empty between 0 and their number where it sees none.
  func seen(_ row: AttentionRow, _ given: Int?) -> Range<Int> {
    let count = max(0, min(size.keys, given ?? size.keys))
    let past = given == nil ? rule.past : count - size.queries
    let own = row.query + past
    var (low, high) = (0, count)
    if rule.isCausal { high = min(high, own + 1) }
    if let right = rule.right { high = min(high, own + min(right, size.keys) + 1) }
    if let left = rule.left { low = max(low, own - min(left, size.keys)) }
    high = max(high, 0)
    low = min(low, high)
    return low..<high
  }

  private func bend(_ scores: UnsafeMutablePointer<Float>) {
    let (count, lanes) = (size.keys, VectorUnit.lanes)
    let whole = count - count % lanes
    let (cap, part) = (Vector(repeating: rule.cap), Vector(repeating: 1 / rule.cap))
    for j in stride(from: 0, to: whole, by: lanes) {
      ((Vector.load(scores + j) * part).hyperbolicTangent() * cap).store(scores + j)
    }
    if whole < count {
      let rest = Vector.load(scores + whole, count: count - whole) * part
      (rest.hyperbolicTangent() * cap).store(scores + whole, count: count - whole)
    }
  }

  private func hide(
    _ scores: UnsafeMutablePointer<Float>, _ row: AttentionRow, _ mask: AttentionMask
  ) {
    let strides = mask.strides
    let start = row.item * strides.item + row.head * strides.head + row.query * strides.query
    let count = min(size.keys, mask.keys)
    switch mask.elements {
    case .floats(let floats):
      let line = floats + start
      if strides.key == 1 {
        for j in 0..<count { scores[j] += line[j] }
      } else {
        for j in 0..<count { scores[j] += line[0] }
      }
    case .flags(let flags):
      let line = flags + start
      for j in 0..<count where line[j * strides.key] == 0 { scores[j] = -.infinity }
    }
    for j in count..<size.keys { scores[j] = -.infinity }
  }
}
