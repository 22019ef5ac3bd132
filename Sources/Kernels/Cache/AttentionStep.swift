/// Causal attention of a few new tokens over cached keys and values: what one more token costs.
///
/// Keys and values of the new tokens are appended to the cache, then each of their queries sees all
/// positions up to its own: `softmax(scale · q · Kᵀ) · V` for each head. The cache is read once for
/// each query head, in two streams; nothing is packed. Heads of queries share those of keys evenly.
/// Error: that of the sums and of `RowSoftmax`.
public struct AttentionStep: Sendable {
  /// Items side by side, each with a cache of its own.
  public let batch: Int
  /// Heads of queries, which those of keys divide.
  public let heads: Int
  /// New tokens of an item.
  public let rows: Int
  /// How keys and values of an item lie.
  public let layout: KeyValueLayout
  private let scale: Float
  private let threads: Int

  /// Fixes all lengths.
  ///
  /// - Parameters:
  ///   - batch: Items, at least 1.
  ///   - heads: Of queries.
  ///   - rows: New tokens of an item, at least 1.
  ///   - layout: Of the cache.
  ///   - scale: Factor of the products.
  ///   - threads: Threads of the pool that it will run on.
  public init(
    batch: Int, heads: Int, rows: Int, layout: KeyValueLayout, scale: Float, threads: Int
  ) {
    precondition(batch > 0 && rows > 0 && heads % layout.heads == 0, "\(heads) heads of \(layout)")
    (self.batch, self.heads, self.rows) = (batch, heads, rows)
    (self.layout, self.scale, self.threads) = (layout, scale, threads)
  }

  /// What a call reads and writes.
  public struct Operands {
    /// `batch × rows × heads · depth`.
    public var queries: UnsafePointer<Float>
    /// The new keys and values, `batch × rows × layout.heads · depth`, or `· width`.
    public var (keys, values): (UnsafePointer<Float>, UnsafePointer<Float>)
    /// The cache of all items, each with as many heads as `layout` has; appended to.
    public var (cachedKeys, cachedValues):
      (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// `batch × rows × heads · width`, overwritten; apart from all others.
    public var output: UnsafeMutablePointer<Float>

    /// Names all of it.
    public init(
      queries: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
      cachedKeys: UnsafeMutablePointer<Float>, cachedValues: UnsafeMutablePointer<Float>,
      output: UnsafeMutablePointer<Float>
    ) {
      (self.queries, self.keys, self.values) = (queries, keys, values)
      (self.cachedKeys, self.cachedValues) = (cachedKeys, cachedValues)
      self.output = output
    }
  }

  /// Floats of workspace that `run` needs.
  public var workspaceCount: Int { threads * scoreCount }

  /// Floats for the scores of a query, rounded up to a cache line.
  private var scoreCount: Int { (layout.panels * VectorUnit.lanes + 15) / 16 * 16 }

  /// Work of both products where the cache is full behind this call.
  public var macs: MACs {
    MACs(batch * heads * rows * layout.capacity * (layout.depth + layout.width))
  }

  /// Appends the new tokens and computes the output.
  ///
  /// - Parameters:
  ///   - operands: Where everything is.
  ///   - position: That of each item's first new token: as many positions are cached before it, and
  ///     there is room for all new ones.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(
    _ operands: Operands, position: Int, workspace: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    precondition(
      position >= 0 && position <= layout.capacity - rows,
      "position \(position) with room for \(layout.capacity)")
    let (counts, keyHeads) = (layout.headCounts, layout.heads)
    let group = heads / keyHeads
    pool.run { worker in
      let scores = workspace + worker * scoreCount
      for index in ThreadPool.share(of: batch * keyHeads, worker: worker, workers: threads) {
        let (item, keyHead) = (index / keyHeads, index % keyHeads)
        let keys = operands.cachedKeys + index * counts.keys
        let values = operands.cachedValues + index * counts.values
        let own = item * rows * keyHeads + keyHead
        layout.append(
          rows: rows, at: position, keys: operands.keys + own * layout.depth,
          values: operands.values + own * layout.width, toKeys: keys, values: values)
        for row in 0..<rows {
          let count = position + row + 1
          for head in keyHead * group..<(keyHead + 1) * group {
            let place = (item * rows + row) * heads + head
            score(operands.queries + place * layout.depth, count: count, keys, into: scores)
            let top = RowSoftmax.largest(count, scores)
            RowSoftmax.shares(count, scores, less: top, scores)
            ValueSums.write(
              count: count, width: layout.width, shares: scores, values: values,
              to: operands.output + place * layout.width)
          }
        }
      }
    }
  }

  /// The scaled products of a query with the first keys of a head, and with those that fill the last
  /// panel.
  @inline(never)
  private func score(
    _ query: UnsafePointer<Float>, count: Int, _ keys: UnsafePointer<Float>,
    into scores: UnsafeMutablePointer<Float>
  ) {
    let (lanes, depth) = (VectorUnit.lanes, layout.depth)
    let factor = Vector(repeating: scale)
    let whole = depth &- depth % 4
    var (panel, target, first) = (keys, scores, 0)
    while first < count {
      // Four sums, for one alone would wait for itself at every step.
      var (s0, s1, s2, s3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
      var p = 0
      while p < whole {
        let row = panel + p &* lanes
        s0.addProduct(Vector(repeating: query[p]), Vector.load(row))
        s1.addProduct(Vector(repeating: query[p &+ 1]), Vector.load(row + lanes))
        s2.addProduct(Vector(repeating: query[p &+ 2]), Vector.load(row + 2 &* lanes))
        s3.addProduct(Vector(repeating: query[p &+ 3]), Vector.load(row + 3 &* lanes))
        p &+= 4
      }
      while p < depth {
        s0.addProduct(Vector(repeating: query[p]), Vector.load(panel + p &* lanes))
        p &+= 1
      }
      let sum = (s0 + s1) + (s2 + s3)
      (sum * factor).store(target)
      panel += depth &* lanes
      target += lanes
      first &+= lanes
    }
  }
}
