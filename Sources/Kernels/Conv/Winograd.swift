/// Convolution by Winograd's minimal filtering, for 3x3 windows of stride 1.
///
/// Input tiles and filters are transformed, multiplied as `(m + 2)²` matrix products with the
/// register tile, and transformed back with the epilogue fused. Only the products count as
/// executed FLOPs.
///
/// Error: relative to the largest output about 1e-6 for `F(2, 3)` and 1e-5 for `F(4, 3)`, which
/// the tests hold it to.
final class Winograd: CompiledConvolution, @unchecked Sendable {
  let shape: ConvShape
  var executedFLOPs: FLOPs { MACs(tiles.count * positions * shape.C * shape.K).flops }

  /// How the threads share the work.
  enum Partition: Hashable, Sendable {
    /// Each thread takes its own tiles through all steps, so many at a time that what they
    /// become stays in its cache.
    case tiles(block: Int)
    /// All threads do each step together and share out the products by position, so that each
    /// filter is read by one thread only. For few tiles and many filters.
    case positions
  }

  private let tiles: WinogradTiles
  private let products: [PanelProduct]
  /// The packed matrix of each product, one after the other.
  private let transformed: AlignedBuffer
  /// `G`, row by row.
  private let filterMatrix: [Double]
  private let partition: Partition
  private let threads: Int
  private let zeros: AlignedBuffer
  private let bias: AlignedBuffer
  private var positions: Int { tiles.variant.positions }

  /// Whether the shape is one that the algorithm is for.
  static func supports(_ shape: ConvShape) -> Bool {
    shape.R == 3 && shape.S == 3 && shape.stride == 1 && shape.paddings.isSquare && shape.isPlain
      && shape.C % VectorUnit.lanes == 0 && shape.K % VectorUnit.lanes == 0
  }

  init(
    _ variant: WinogradVariant, _ shape: ConvShape, epilogue: Epilogue, threads: Int,
    caches: CacheSizes = .current
  ) {
    precondition(Self.supports(shape), "Winograd's algorithm does not fit \(shape)")
    self.shape = shape
    self.threads = threads
    tiles = WinogradTiles(variant, shape: shape, epilogue: epilogue)
    let count = PackedMatrix.count(depth: shape.C, columns: shape.K)
    let transformed = AlignedBuffer(count: variant.positions * count)
    let base = transformed.pointer
    products = (0..<variant.positions).map { position in
      PanelProduct(
        windows: 1, channels: shape.C, columns: shape.K, epilogue: Epilogue(), caches: caches,
        at: base + position * count)
    }
    self.transformed = transformed
    filterMatrix = variant.filterMatrix.flatMap { $0 }
    zeros = AlignedBuffer(count: shape.C)
    bias = AlignedBuffer(count: shape.K)
    partition = Self.choosePartition(tiles, threads: threads, caches: caches)
  }

  /// Chooses who does what, from the sizes of what is read again.
  private static func choosePartition(
    _ tiles: WinogradTiles, threads: Int, caches: CacheSizes
  ) -> Partition {
    if TileBlock.areFew(tiles.count, of: tiles.shape) { return .positions }
    let (C, K, positions) = (tiles.shape.C, tiles.shape.K, tiles.variant.positions)
    return .tiles(
      block: TileBlock.size(
        tiles: tiles.count, tileBytes: positions * (C + K) * MemoryLayout<Float>.stride,
        filterBytes: positions * C * K * MemoryLayout<Float>.stride, threads: threads,
        caches: caches))
  }

  /// Tiles whose transforms are in memory at once, for each region of the workspace.
  private var block: Int {
    switch partition {
    case .tiles(let block): block
    case .positions: tiles.count
    }
  }

  /// Distance between the matrices of the transformed input, in floats.
  ///
  /// A line more than the matrix, so that the positions of a tile do not fall into one set of the
  /// first-level cache.
  private var inputPitch: Int { block * shape.C + 16 }
  /// Distance between the matrices of the products, in floats.
  private var outputPitch: Int { block * shape.K + 16 }
  private var scratchCount: Int {
    (tiles.scratchCount + products[0].scratchCount + 15) / 16 * 16
  }
  private var matricesCount: Int { positions * (inputPitch + outputPitch) }

  var workspaceCount: Int {
    switch partition {
    case .tiles: threads * (matricesCount + scratchCount)
    case .positions: matricesCount + threads * scratchCount
    }
  }

  func load(
    filters: UnsafePointer<Float>, bias source: UnsafePointer<Float>?, pool: ThreadPool
  ) {
    for k in 0..<shape.K { bias.pointer[k] = source?[k] ?? 0 }
    let C = shape.C
    // Sixteen channels at a time: a cache line of each filter is used up before the next.
    pool.forEachShare(of: C, grain: 16) { channels in
      var taps = InlineArray<9, WideHalf>(repeating: .zero)
      for first in stride(from: channels.lowerBound, to: channels.upperBound, by: 16) {
        for k in stride(from: 0, to: shape.K, by: WideHalf.scalarCount) {
          for c in first..<min(first + 16, channels.upperBound) {
            for tap in 0..<9 {
              var lanes = WideHalf.zero
              for lane in lanes.indices {
                lanes[lane] = Double(filters[((k &+ lane) &* 9 &+ tap) &* C &+ c])
              }
              taps[tap] = lanes
            }
            transformFilters(taps, channel: c, filter: k)
          }
        }
      }
    }
  }

  /// Writes `G g Gᵀ` of one channel of a few filters, in float64: filters are transformed once.
  ///
  /// - Parameters:
  ///   - taps: 9 taps of each filter.
  ///   - c: The channel.
  ///   - k: The first filter; the others are its neighbours.
  private func transformFilters(
    _ taps: InlineArray<9, WideHalf>, channel c: Int, filter k: Int
  ) {
    let side = tiles.variant.inputs
    let target = transformed.pointer + products[0].packed.offset(depth: c, column: k)
    let pitch = transformed.count / positions
    // `G g`: 3 for each of up to 6 rows.
    var rows = InlineArray<18, WideHalf>(repeating: .zero)
    filterMatrix.withUnsafeBufferPointer { matrix in
      for i in 0..<side {
        let (g0, g1, g2) = (matrix[3 &* i], matrix[3 &* i &+ 1], matrix[3 &* i &+ 2])
        for s in 0..<3 {
          rows[3 &* i &+ s] = (taps[s] * g0).addingProduct(taps[3 &+ s], WideHalf(repeating: g1))
            .addingProduct(taps[6 &+ s], WideHalf(repeating: g2))
        }
      }
      for i in 0..<side {
        let (t0, t1, t2) = (rows[3 &* i], rows[3 &* i &+ 1], rows[3 &* i &+ 2])
        for j in 0..<side {
          let sum = (t0 * matrix[3 &* j])
            .addingProduct(t1, WideHalf(repeating: matrix[3 &* j &+ 1]))
            .addingProduct(t2, WideHalf(repeating: matrix[3 &* j &+ 2]))
          UnsafeMutableRawPointer(target + (i &* side &+ j) &* pitch)
            .storeBytes(of: NarrowHalf(sum), as: NarrowHalf.self)
        }
      }
    }
  }

  var filterMemory: UnsafeRawBufferPointer? { UnsafeRawBufferPointer(transformed.elements) }

  func run(_ operands: ConvOperands, pool: ThreadPool) {
    precondition(
      !tiles.epilogue.addsResidual || operands.residual != nil, "the residual is missing")
    compute(operands, pool: pool)
  }

  /// Computes the same, and adds nothing where the residual is nil.
  func compute(_ operands: ConvOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    switch partition {
    case .tiles(let block): runByTiles(operands, block: block, pool: pool)
    case .positions: runByPositions(operands, pool: pool)
    }
  }

  /// The matrices and the scratch that one thread works on.
  private struct Memory {
    var inputs: UnsafeMutablePointer<Float>
    var outputs: UnsafeMutablePointer<Float>
    var scratch: UnsafeMutablePointer<Float>
  }

  private func runByTiles(_ operands: ConvOperands, block: Int, pool: ThreadPool) {
    let tileCount = tiles.count
    pool.run { worker in
      let share = ThreadPool.share(of: tileCount, worker: worker, workers: threads)
      let first = operands.workspace + worker * (matricesCount + scratchCount)
      let memory = Memory(
        inputs: first, outputs: first + positions * inputPitch, scratch: first + matricesCount)
      var low = share.lowerBound
      while low < share.upperBound {
        let range = low..<min(low + block, share.upperBound)
        transformInputs(range, from: low, operands, memory)
        multiply(0..<positions, rows: range.count, memory)
        transformOutputs(range, from: low, operands, memory)
        low = range.upperBound
      }
    }
  }

  private func runByPositions(_ operands: ConvOperands, pool: ThreadPool) {
    let tileCount = tiles.count
    func memory(_ worker: Int) -> Memory {
      Memory(
        inputs: operands.workspace, outputs: operands.workspace + positions * inputPitch,
        scratch: operands.workspace + matricesCount + worker * scratchCount)
    }
    pool.run { worker in
      let share = ThreadPool.share(of: tileCount, worker: worker, workers: threads)
      transformInputs(share, from: 0, operands, memory(worker))
    }
    pool.run { worker in
      let share = ThreadPool.share(of: positions, worker: worker, workers: threads)
      multiply(share, rows: tileCount, memory(worker))
    }
    pool.run { worker in
      let share = ThreadPool.share(of: tileCount, worker: worker, workers: threads)
      transformOutputs(share, from: 0, operands, memory(worker))
    }
  }

  private func transformInputs(
    _ range: Range<Int>, from first: Int, _ operands: ConvOperands, _ memory: Memory
  ) {
    let block = WinogradTiles.Block(
      tiles: range, matrices: memory.inputs + (range.lowerBound - first) * shape.C,
      pitch: inputPitch, panel: shape.C, scratch: memory.scratch)
    tiles.transformInputs(block, from: operands.input, zeros: zeros.pointer)
  }

  private func multiply(_ range: Range<Int>, rows: Int, _ memory: Memory) {
    for position in range {
      let product = products[position]
      product.multiply(
        rows: 0..<rows, panels: 0..<product.packed.panels,
        source: RowSource(
          base: memory.inputs + position * inputPitch, layout: .plain(stride: shape.C)),
        PanelProduct.Memory(
          output: memory.outputs + position * outputPitch, residual: nil, stride: shape.K,
          scratch: memory.scratch + tiles.scratchCount,
          following: position + 1 < range.upperBound
            ? products[position + 1].packed.start(ofPanel: 0, depth: 0) : nil))
    }
  }

  private func transformOutputs(
    _ range: Range<Int>, from first: Int, _ operands: ConvOperands, _ memory: Memory
  ) {
    let block = WinogradTiles.Block(
      tiles: range, matrices: memory.outputs + (range.lowerBound - first) * shape.K,
      pitch: outputPitch, panel: shape.K, scratch: memory.scratch)
    tiles.transformOutputs(block, bias: bias.pointer, to: operands)
  }
}
