/// A matrix product `C = end(A · B + bias)` compiled for one right-hand matrix.
///
/// B is packed once, as weights are; A is read in place. For a product of two fresh matrices
/// compile and run both count.
public final class Gemm: Sendable {
  /// Id of the kernel, as cases show it.
  public static let id = "gemm.f32.\(TileLimits.rows)x\(TileLimits.width)"

  /// Rows of A and C, columns of B and C, and the depth.
  public let shape: GemmShape
  private let product: PanelProduct
  private let grid: WorkGrid

  /// Packs B and fixes blocks and partition.
  ///
  /// - Parameters:
  ///   - shape: Each dimension at least 1.
  ///   - b: `k × n`, or stored as `n × k` when transposed; copied.
  ///   - bias: `n` floats, or nil for none; copied.
  ///   - epilogue: What is done to the sums before the store.
  ///   - threads: Threads of the pool that it will run on.
  ///   - caches: What the block sizes follow from.
  public init(
    _ shape: GemmShape, b: GemmOperand, bias: UnsafePointer<Float>? = nil,
    epilogue: Epilogue = Epilogue(), threads: Int, caches: CacheSizes = .current
  ) {
    precondition(shape.m > 0 && shape.n > 0 && shape.k > 0, "empty product \(shape)")
    self.shape = shape
    product = PanelProduct(
      windows: 1, channels: shape.k, columns: shape.n, epilogue: epilogue, caches: caches)
    grid = WorkGrid(
      rows: shape.m, panels: product.packed.panels, depth: shape.k, threads: threads)
    product.load(b, bias: bias, pool: .alone)
  }

  /// Floats of workspace that `run` needs.
  public var workspaceCount: Int { product.scratchCount * grid.rowShares * grid.panelShares }

  /// Computes the product.
  ///
  /// - Parameters:
  ///   - a: `m × k` rows.
  ///   - aStride: Distance between rows of A, in floats.
  ///   - c: `m × n`, overwritten; rows are contiguous.
  ///   - residual: Laid out as C, read when the epilogue adds one; may be C.
  ///   - workspace: `workspaceCount` floats, aligned to 64 bytes.
  ///   - pool: As many threads as compiled for.
  public func run(
    _ a: UnsafePointer<Float>, aStride: Int, into c: UnsafeMutablePointer<Float>,
    residual: UnsafePointer<Float>? = nil, workspace: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let source = RowSource(base: a, layout: .plain(stride: aStride))
    product.run(
      rows: shape.m, source: source, output: c, residual: residual, stride: shape.n, grid: grid,
      workspace: workspace, pool: pool)
  }
}
