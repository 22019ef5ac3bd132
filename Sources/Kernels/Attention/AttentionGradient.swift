/// The derivatives of a loss by queries, keys and values of attention, from that by its output.
///
/// With `P` the shares, `dP = dO · Vᵀ` and `D = Σ P ∘ dP` row by row: `dS = scale · P ∘ (dP − D)`,
/// `dQ = dS · K`, `dK = dSᵀ · Q`, `dV = Pᵀ · dO`. Shares are computed anew, a few rows of queries at a
/// time, as Dao, Fu, Ermon, Rudra, Ré, "FlashAttention" (2022), appendix B.2, does it; here whole rows
/// are there, so `D` follows from them and neither the output nor a logarithm of sums is kept.
/// Nothing as large as queries times keys is ever stored. Each head of keys is one thread's, so that
/// results do not depend on the number of threads. Error: that of five products and of `RowSoftmax`.
public final class AttentionGradient: Sendable {
  let size: Attention.Size
  let scores: AttentionScores
  let (queries, keys, values, outputs):
    (Attention.Rows, Attention.Rows, Attention.Rows, Attention.Rows)
  /// Rows of queries at a time.
  let block: Int
  /// Of each thread: queries by keys, derivatives by values, and what they give by keys.
  private let products: [Products]
  private let threads: Int
  private let alone = ThreadPool.alone

  struct Products: Sendable {
    var scores: PanelProduct
    var shares: PanelProduct
    var queries: PanelProduct
  }

  /// Fixes all lengths.
  ///
  /// - Parameters:
  ///   - size: Each length at least 1.
  ///   - rule: Which keys are seen; without a soft cap.
  ///   - rows: How queries, keys, values and outputs lie, and the derivatives by each.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the blocks follow from.
  public init(
    _ size: Attention.Size, _ rule: Attention.Rule,
    rows: (
      queries: Attention.Rows, keys: Attention.Rows, values: Attention.Rows,
      outputs: Attention.Rows
    ), threads: Int, caches: CacheSizes = .current
  ) {
    precondition(rule.cap == 0, "soft-capped scores have no derivative here")
    (self.size, self.threads) = (size, threads)
    scores = AttentionScores(size: size, rule: rule)
    (queries, keys, values, outputs) = rows
    // Half of the second cache for shares and their derivatives.
    let fitting = caches.l2 / 2 / (8 * size.keys)
    block = min(size.queries, max(24, min(fitting, 96)) / TileLimits.rows * TileLimits.rows)
    func product(_ depth: Int, _ columns: Int) -> PanelProduct {
      PanelProduct(
        windows: 1, channels: depth, columns: columns, epilogue: Epilogue(), caches: caches)
    }
    products = (0..<threads).map { _ in
      Products(
        scores: product(size.depth, size.keys), shares: product(size.width, size.keys),
        queries: product(size.keys, size.depth))
    }
  }

  /// Work of the four products of the definition, as if every query saw every key.
  public var macs: MACs { MACs(2 * size.macs.count) }

  /// Work as executed: the scores once more, and of causal attention what no query sees left out.
  public var executedFLOPs: FLOPs {
    var count = 0.0
    for start in stride(from: 0, to: size.queries, by: block) {
      let rows = min(block, size.queries - start)
      let seen = min(size.keys, columns(start..<start + rows))
      count += Double(rows) * Double(2 * seen * (size.depth + size.width) + size.keys * size.depth)
    }
    return FLOPs(2 * count * Double(size.batch * size.heads))
  }

  /// Floats of workspace that `run` needs.
  public var workspaceCount: Int { Places(self).count * threads }

  /// Floats from a row of shares to the next.
  var pitch: Int { (size.keys + 15) / 16 * 16 }
  /// Floats from a packed row of queries to the next.
  var depthPitch: Int { Self.wholeVectors(size.depth) }
  /// Floats from a packed row of derivatives by the output to the next.
  var widthPitch: Int { Self.wholeVectors(size.width) }
  /// Rows of the sums by keys and values: keys, and what fills the last four.
  var sumRows: Int { (size.keys + 3) / 4 * 4 }

  private static func wholeVectors(_ count: Int) -> Int {
    (count + VectorUnit.lanes - 1) / VectorUnit.lanes * VectorUnit.lanes
  }

  /// Keys from the first on that some queries of an item see, up to the last of them.
  func columns(_ rows: Range<Int>) -> Int {
    rows.reduce(0) { most, query in
      max(most, scores.seen(AttentionRow(item: 0, head: 0, query: query), nil).upperBound)
    }
  }

  /// Where the parts of one thread's workspace begin.
  private struct Places {
    let (slopes, queries, gradients, keySums, valueSums, scratch): (Int, Int, Int, Int, Int, Int)
    /// Floats of all parts.
    let count: Int

    init(_ own: AttentionGradient) {
      var next = 0
      /// The end of a part of so many floats, which is where the next one begins.
      func place(_ floats: Int) -> Int {
        next += (floats + 15) / 16 * 16
        return next
      }
      slopes = place(own.block * own.pitch)
      queries = place(own.block * own.pitch)
      gradients = place(own.block * own.depthPitch)
      keySums = place(own.block * own.widthPitch)
      valueSums = place(own.sumRows * own.depthPitch)
      scratch = place(own.sumRows * own.widthPitch)
      let one = own.products[0]
      count = place(
        max(one.scores.scratchCount, one.shares.scratchCount, one.queries.scratchCount))
    }
  }

  /// Computes all three derivatives.
  ///
  /// - Parameters:
  ///   - operands: Where everything is.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(_ operands: Operands, workspace: UnsafeMutablePointer<Float>, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    let places = Places(self)
    let group = size.heads / size.keyHeads
    pool.run { worker in
      let start = workspace + worker * places.count
      let memory = Memory(
        shares: start, slopes: start + places.slopes, queries: start + places.queries,
        gradients: start + places.gradients, keySums: start + places.keySums,
        valueSums: start + places.valueSums, scratch: start + places.scratch)
      let own = products[worker]
      let tasks = ThreadPool.share(
        of: size.batch * size.keyHeads, worker: worker, workers: threads)
      for task in tasks {
        let (item, keyHead) = (task / size.keyHeads, task % size.keyHeads)
        let firstKey = operands.keys + keys.start(item, keyHead)
        let firstValue = operands.values + values.start(item, keyHead)
        own.scores.load(
          GemmOperand(firstKey, stride: keys.row, isTransposed: true), bias: nil, pool: alone)
        own.shares.load(
          GemmOperand(firstValue, stride: values.row, isTransposed: true), bias: nil, pool: alone)
        own.queries.load(GemmOperand(firstKey, stride: keys.row), bias: nil, pool: alone)
        memory.keySums.update(repeating: 0, count: sumRows * depthPitch)
        memory.valueSums.update(repeating: 0, count: sumRows * widthPitch)
        for head in keyHead * group..<(keyHead + 1) * group {
          for first in stride(from: 0, to: size.queries, by: block) {
            let rows = first..<min(first + block, size.queries)
            add(rows, item: item, head: head, operands, own, memory)
          }
        }
        Self.copy(
          memory.keySums, pitch: depthPitch, rows: size.keys, width: size.depth,
          to: operands.keyGradient + keys.start(item, keyHead), stride: keys.row)
        Self.copy(
          memory.valueSums, pitch: widthPitch, rows: size.keys, width: size.width,
          to: operands.valueGradient + values.start(item, keyHead), stride: values.row)
      }
    }
  }

  /// The parts of one thread's workspace.
  struct Memory {
    /// `block × pitch`, both.
    var (shares, slopes): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// Rows of queries and of derivatives by the output, filled up with zeros.
    var (queries, gradients): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// The sums by keys and by values.
    var (keySums, valueSums): (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    var scratch: UnsafeMutablePointer<Float>

    init(
      shares: UnsafeMutablePointer<Float>, slopes: UnsafeMutablePointer<Float>,
      queries: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>,
      keySums: UnsafeMutablePointer<Float>, valueSums: UnsafeMutablePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      (self.shares, self.slopes) = (shares, slopes)
      (self.queries, self.gradients) = (queries, gradients)
      (self.keySums, self.valueSums, self.scratch) = (keySums, valueSums, scratch)
    }
  }
}
