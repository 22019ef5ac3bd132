/// Attention: `softmax(scale · Q · Kᵀ + mask) · V` for each head, exact row by row.
///
/// A few rows of queries see all keys at once: their scores stay in the second cache between the two
/// products, and nothing as large as queries times keys is ever stored. Keys and values of a head are
/// packed once by each thread that works on it. Heads of queries share those of keys evenly. Error:
/// that of the products and of `RowSoftmax`.
public final class Attention: Sendable {
  /// Lengths of all operands.
  public struct Size: Hashable, Sendable {
    /// Items side by side.
    public var batch: Int
    /// Heads of queries, and of keys and values, which divide them.
    public var (heads, keyHeads): (Int, Int)
    /// Queries and keys of an item.
    public var (queries, keys): (Int, Int)
    /// Floats of a query or key, and of a value.
    public var (depth, width): (Int, Int)

    /// Names all lengths.
    public init(
      batch: Int, heads: Int, keyHeads: Int, queries: Int, keys: Int, depth: Int, width: Int
    ) {
      precondition(keyHeads > 0 && heads % keyHeads == 0, "\(heads) heads on \(keyHeads)")
      (self.batch, self.heads, self.keyHeads) = (batch, heads, keyHeads)
      (self.queries, self.keys, self.depth, self.width) = (queries, keys, depth, width)
    }

    /// Work of both products, as if every query saw every key.
    public var macs: MACs { MACs(batch * heads * queries * keys * (depth + width)) }
  }

  /// How the rows of one operand lie.
  public struct Rows: Hashable, Sendable {
    /// Floats from item to item, from head to head, and from row to row.
    public var (item, head, row): (Int, Int, Int)

    /// Names all distances.
    public init(item: Int, head: Int, row: Int) {
      (self.item, self.head, self.row) = (item, head, row)
    }

    /// The first float of a head of an item.
    func start(_ item: Int, _ head: Int) -> Int { item * self.item + head * self.head }
  }

  /// Which keys a query sees, and what is done to its scores.
  public struct Rule: Hashable, Sendable {
    /// Factor of the products.
    public var scale: Float
    /// Scores are bent below it by `cap · tanh(score / cap)`; 0 leaves them.
    public var cap: Float = 0
    /// Whether keys behind the query are hidden.
    public var isCausal = false
    /// Keys before and behind the query that are seen; nil for all.
    public var (left, right): (Int?, Int?) = (nil, nil)
    /// Keys before the first query, where they are not counted for each item.
    public var past = 0

    /// Starts with a factor alone.
    public init(scale: Float) { self.scale = scale }
  }

  let size: Size
  let rule: Rule
  let (queries, keys, values, outputs): (Rows, Rows, Rows, Rows)
  /// For each thread the product with the keys and that with the values.
  private let products: [(scores: PanelProduct, sums: PanelProduct)]
  private let threads: Int
  /// Rows of queries at a time.
  let block: Int
  private let alone = ThreadPool.alone

  /// Fixes all lengths.
  ///
  /// - Parameters:
  ///   - size: Each length at least 1.
  ///   - rule: Which keys are seen.
  ///   - rows: How queries, keys, values and outputs lie.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the blocks follow from.
  public init(
    _ size: Size, _ rule: Rule, rows: (queries: Rows, keys: Rows, values: Rows, outputs: Rows),
    threads: Int, caches: CacheSizes = .current
  ) {
    (self.size, self.rule, self.threads) = (size, rule, threads)
    (queries, keys, values, outputs) = rows
    // Half of the second cache for scores, but rows enough that packing is little beside them.
    let fitting = caches.l2 / 2 / (4 * size.keys)
    block = min(size.queries, max(24, min(fitting, 96)) / TileLimits.rows * TileLimits.rows)
    products = (0..<threads).map { _ in
      (
        PanelProduct(
          windows: 1, channels: size.depth, columns: size.keys, epilogue: Epilogue(),
          caches: caches),
        PanelProduct(
          windows: 1, channels: size.keys, columns: size.width, epilogue: Epilogue(),
          caches: caches)
      )
    }
  }

  /// Floats of workspace that `run` needs.
  public var workspaceCount: Int { threadCount * threads }

  /// Floats for the scores of a block, rounded up such that what follows is aligned.
  private var scoreCount: Int { (block * size.keys + 15) / 16 * 16 }
  private var scratchCount: Int {
    let counts = (products[0].scores.scratchCount, products[0].sums.scratchCount)
    return (max(counts.0, counts.1) + 15) / 16 * 16
  }
  private var threadCount: Int { scoreCount + scratchCount }

  /// Work of both products, as if every query saw every key.
  public var macs: MACs { size.macs }

  /// Computes the output.
  ///
  /// - Parameters:
  ///   - operands: Where everything is.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(_ operands: Operands, workspace: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    let blocks = (size.queries + block - 1) / block
    let items = size.batch * size.heads * blocks
    let shares = AttentionScores(size: size, rule: rule)
    pool.run { worker in
      let memory = workspace + worker * threadCount
      let (scores, scratch) = (memory, memory + scoreCount)
      let (first, second) = products[worker]
      var packed = -1
      for index in ThreadPool.share(of: items, worker: worker, workers: threads) {
        let (item, head) = (index / blocks / size.heads, index / blocks % size.heads)
        let keyHead = head / (size.heads / size.keyHeads)
        if packed != item * size.keyHeads + keyHead {
          first.load(
            GemmOperand(
              operands.keys + keys.start(item, keyHead), stride: keys.row, isTransposed: true),
            bias: nil, pool: alone)
          second.load(
            GemmOperand(operands.values + values.start(item, keyHead), stride: values.row),
            bias: nil, pool: alone)
          packed = item * size.keyHeads + keyHead
        }
        let start = index % blocks * block
        let rows = min(block, size.queries - start)
        multiply(
          first, rows: rows,
          RowSource(
            base: operands.queries + queries.start(item, head) + start * queries.row,
            layout: .plain(stride: queries.row)),
          into: scores, stride: size.keys, scratch)
        for row in 0..<rows {
          let query = AttentionRow(item: item, head: head, query: start + row)
          shares.share(
            scores + row * size.keys, query, mask: operands.mask,
            keyCount: operands.keyCounts.map { Int($0[item]) }, giving: giving(query, operands))
        }
        multiply(
          second, rows: rows, RowSource(base: scores, layout: .plain(stride: size.keys)),
          into: operands.output + outputs.start(item, head) + start * outputs.row,
          stride: outputs.row, scratch)
      }
    }
  }

  /// Where the scores of a query go; nil where nobody wants them.
  private func giving(_ row: AttentionRow, _ operands: Operands) -> AttentionScores.Giving? {
    operands.scores.map { scores in
      let line = (row.item * size.heads + row.head) * size.queries + row.query
      return AttentionScores.Giving(
        stage: operands.stage, target: scores + line * size.keys)
    }
  }

  private func multiply(
    _ product: PanelProduct, rows: Int, _ source: RowSource,
    into output: UnsafeMutablePointer<Float>, stride: Int, _ scratch: UnsafeMutablePointer<Float>
  ) {
    product.multiply(
      rows: 0..<rows, panels: 0..<product.packed.panels, source: source,
      PanelProduct.Memory(
        output: output, residual: nil, stride: stride, scratch: scratch, following: nil,
        upcoming: nil))
  }
}
