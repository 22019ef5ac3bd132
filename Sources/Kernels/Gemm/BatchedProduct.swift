/// Products of matrices that are computed in a run: `C[i] = A[i] · B[i]`, one after the other.
///
/// The right-hand matrix of each product is packed before it is read. Many small products are shared
/// out among the threads, each with a place of its own to pack to; of a few large ones all threads
/// compute each. Where all read one right-hand matrix, they are one product with more rows.
public final class BatchedProduct: Sendable {
  /// Where the matrices of one operand lie.
  public struct Operand: Sendable {
    /// Floats from the operand's first to each product's matrix.
    public var offsets: [Int]
    /// Floats from a stored row to the next.
    public var stride: Int
    /// Whether the stored rows are the product's columns; for B alone.
    public var isTransposed: Bool

    /// Names the places.
    public init(offsets: [Int], stride: Int, isTransposed: Bool = false) {
      (self.offsets, self.stride, self.isTransposed) = (offsets, stride, isTransposed)
    }
  }

  /// Rows of A and C, columns of B and C, and the depth of one product.
  public let shape: GemmShape
  /// Number of products; C's matrices follow one another.
  public let count: Int
  private let (a, b): (Operand, Operand)
  /// One for each thread that packs on its own; one in all where all threads work together.
  private let products: [PanelProduct]
  /// Who computes what of one product; nil where the products are shared out.
  private let grid: WorkGrid?
  private let threads: Int
  private let alone = ThreadPool.alone

  /// Fixes the products.
  ///
  /// - Parameters:
  ///   - shape: Each dimension at least 1.
  ///   - a: One matrix of `m × k` a product, its rows contiguous.
  ///   - b: One matrix of `k × n` a product, or of `n × k` where it is transposed.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the block sizes follow from.
  public init(
    _ shape: GemmShape, a: Operand, b: Operand, threads: Int, caches: CacheSizes = .current
  ) {
    precondition(shape.m > 0 && shape.n > 0 && shape.k > 0, "empty product \(shape)")
    precondition(
      a.offsets.count == b.offsets.count && !a.offsets.isEmpty,
      "\(a.offsets.count) and \(b.offsets.count) matrices")
    var (shape, a, b) = (shape, a, b)
    let pitch = shape.m * a.stride
    if a.offsets.count > 1, b.offsets.allSatisfy({ $0 == b.offsets[0] }),
      a.offsets.enumerated().allSatisfy({ $1 == a.offsets[0] + $0 * pitch })
    {
      shape.m *= a.offsets.count
      (a.offsets, b.offsets) = ([a.offsets[0]], [b.offsets[0]])
    }
    (self.shape, self.a, self.b, count) = (shape, a, b, a.offsets.count)
    self.threads = threads
    let isShared = threads > 1 && (count % threads == 0 || count >= 4 * threads)
    products = (0..<(isShared ? threads : 1)).map { _ in
      PanelProduct(
        windows: 1, channels: shape.k, columns: shape.n, epilogue: Epilogue(), caches: caches)
    }
    grid =
      isShared
      ? nil
      : WorkGrid(
        rows: shape.m, panels: products[0].packed.panels, depth: shape.k, threads: threads)
  }

  /// Floats of workspace that `run` needs.
  public var workspaceCount: Int { products[0].scratchCount * threads }

  /// Work of all products.
  public var macs: MACs { MACs(count * shape.macs.count) }

  /// Computes all products.
  ///
  /// - Parameters:
  ///   - a: The first operand, which its offsets are counted from.
  ///   - b: The second.
  ///   - c: `count` matrices of `m × n`; overwritten, apart from both.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, run on \(pool.threads)")
    if let grid {
      let product = products[0]
      var packed: Int?
      for index in 0..<count {
        if packed != self.b.offsets[index] {
          product.load(right(b, index), bias: nil, pool: pool)
          packed = self.b.offsets[index]
        }
        product.run(
          rows: shape.m, source: left(a, index), output: c + index * shape.m * shape.n,
          residual: nil, stride: shape.n, grid: grid, workspace: workspace, pool: pool)
      }
      return
    }
    pool.run { worker in
      let product = products[worker]
      var packed: Int?
      for index in ThreadPool.share(of: count, worker: worker, workers: threads) {
        if packed != self.b.offsets[index] {
          product.load(right(b, index), bias: nil, pool: alone)
          packed = self.b.offsets[index]
        }
        product.multiply(
          rows: 0..<shape.m, panels: 0..<product.packed.panels, source: left(a, index),
          PanelProduct.Memory(
            output: c + index * shape.m * shape.n, residual: nil, stride: shape.n,
            scratch: workspace + worker * product.scratchCount, following: nil, upcoming: nil))
      }
    }
  }

  private func left(_ base: UnsafePointer<Float>, _ index: Int) -> RowSource {
    RowSource(base: base + a.offsets[index], layout: .plain(stride: a.stride))
  }

  private func right(_ base: UnsafePointer<Float>, _ index: Int) -> GemmOperand {
    GemmOperand(base + b.offsets[index], stride: b.stride, isTransposed: b.isTransposed)
  }
}
