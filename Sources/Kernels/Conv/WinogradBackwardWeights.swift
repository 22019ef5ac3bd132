/// Backward-weights by Winograd's algorithm, for 3x3 windows of stride 1.
///
/// The adjoint of the forward pass by the filters: with the input's tiles `Bᵀ d B` and those of
/// the output's gradient `A g Aᵀ`, the gradient is `Gᵀ [Σ (A g Aᵀ) ⊙ (Bᵀ d B)] G`, the sum running
/// over all tiles. Each of the `(m + 2)²` positions is one product `K × C`, as deep as there are
/// tiles, in place of nine as deep as there are pixels.
///
/// Error: relative to the largest element at most 2e-6 for tiles of 2 and 1e-5 for tiles of 4, which
/// the tests hold it to. Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks", 2016, section 4.
final class WinogradBackwardWeights: CompiledBackwardWeights {
  let shape: ConvShape
  var executedFLOPs: FLOPs { MACs(tiles.count * positions * shape.C * shape.K).flops }

  /// How the threads share the work.
  private enum Partition {
    /// Each thread sums over its own tiles. For sums that stay in the second-level cache.
    case tiles
    /// All threads transform a block of tiles together, then share out positions and filters.
    case positions
  }

  private let tiles: WinogradTiles
  private let partition: Partition
  /// Tiles whose transforms are in memory at once, for each region of the workspace.
  private let block: Int
  /// Steps of the depth for which a panel of the input's transforms stays in the first level.
  private let depth: Int
  private let threads: Int
  private let zeros: AlignedBuffer

  init(
    _ variant: WinogradVariant, _ shape: ConvShape, threads: Int, caches: CacheSizes = .current
  ) {
    precondition(Winograd.supports(shape), "Winograd's algorithm does not fit \(shape)")
    self.shape = shape
    self.threads = threads
    tiles = WinogradTiles(variant, shape: shape, epilogue: Epilogue())
    zeros = AlignedBuffer(count: max(shape.C, shape.K))
    let float = MemoryLayout<Float>.stride
    let sumBytes = variant.positions * shape.C * shape.K * float
    let tileBytes = variant.positions * (shape.C + shape.K) * float
    partition = sumBytes <= caches.l2 * 3 / 4 ? .tiles : .positions
    let (space, share) =
      switch partition {
      case .tiles: (caches.l2 / 2, (tiles.count + threads - 1) / threads)
      case .positions: (max(caches.l3 / 2, caches.l2 * threads / 2), tiles.count)
      }
    let blocks = max(1, (share * tileBytes + space - 1) / space)
    block = (share + blocks - 1) / blocks
    depth = max(32, caches.l1 / 2 / (min(shape.C, TileLimits.width) * float))
  }

  private var positions: Int { tiles.variant.positions }
  /// Floats across a panel of the input's transforms, and of the gradient's.
  private var panels: (input: Int, gradient: Int) {
    (min(shape.C, TileLimits.width), VectorUnit.lanes)
  }
  /// Panels of the input's transforms, the last one perhaps not full.
  private var inputPanels: Int { (shape.C + panels.input - 1) / panels.input }

  // Distances between the matrices of two positions, in floats: a line more than a matrix, so
  // that the positions of a tile do not fall into one set of the first-level cache.
  private var inputPitch: Int { inputPanels * panels.input * block + 16 }
  private var gradientPitch: Int { shape.K * block + 16 }
  private var sumPitch: Int { shape.K * shape.C + 16 }

  private var transformsCount: Int { positions * (inputPitch + gradientPitch) }
  private var sumsCount: Int { positions * sumPitch }

  var workspaceCount: Int {
    let regions = partition == .tiles ? threads : 1
    return regions * (transformsCount + sumsCount) + threads * tiles.scratchCount
  }

  /// What a block of tiles is made into and summed up in.
  private struct Memory {
    var inputs: UnsafeMutablePointer<Float>
    var gradients: UnsafeMutablePointer<Float>
    var sums: UnsafeMutablePointer<Float>
    var scratch: UnsafeMutablePointer<Float>
  }

  private func memory(_ operands: BackwardWeightsOperands, _ worker: Int) -> Memory {
    let size = transformsCount + sumsCount
    let (region, regions) = partition == .tiles ? (worker, threads) : (0, 1)
    let first = operands.workspace + region * size
    return Memory(
      inputs: first, gradients: first + positions * inputPitch, sums: first + transformsCount,
      scratch: operands.workspace + regions * size + worker * tiles.scratchCount)
  }

  func run(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    let items = positions * (shape.K / panels.gradient)
    switch partition {
    case .tiles:
      pool.run { worker in
        let memory = memory(operands, worker)
        let share = ThreadPool.share(of: tiles.count, worker: worker, workers: threads)
        if share.isEmpty { memory.sums.update(repeating: 0, count: sumsCount) }
        share.forEachBlock(of: block) { range in
          transform(range, from: range.lowerBound, operands, memory)
          multiply(
            0..<items, tiles: range.count, memory, isFirst: range.lowerBound == share.lowerBound)
        }
      }
    case .positions:
      (0..<tiles.count).forEachBlock(of: block) { range in
        pool.run { worker in
          let share = ThreadPool.share(of: range.count, worker: worker, workers: threads)
          let low = range.lowerBound + share.lowerBound
          transform(
            low..<(low + share.count), from: range.lowerBound, operands, memory(operands, worker))
        }
        pool.run { worker in
          let share = ThreadPool.share(of: items, worker: worker, workers: threads)
          multiply(
            share, tiles: range.count, memory(operands, worker), isFirst: range.lowerBound == 0)
        }
      }
    }
    let sums = WinogradTiles.Sums(
      matrices: memory(operands, 0).sums, pitch: sumPitch,
      parts: partition == .tiles ? threads : 1, partPitch: transformsCount + sumsCount)
    pool.run { worker in
      tiles.transformTaps(
        ThreadPool.share(of: shape.K, worker: worker, workers: threads), from: sums,
        scratch: memory(operands, worker).scratch, to: operands.filterGradient)
    }
  }

  /// Makes both transforms of some tiles of the block that begins with tile `first`.
  private func transform(
    _ range: Range<Int>, from first: Int, _ operands: BackwardWeightsOperands, _ memory: Memory
  ) {
    let row = range.lowerBound - first
    tiles.transformInputs(
      WinogradTiles.Block(
        tiles: range, matrices: memory.inputs + row * panels.input, pitch: inputPitch,
        panel: panels.input, panelPitch: panels.input * block, scratch: memory.scratch),
      from: operands.input, zeros: zeros.pointer)
    tiles.transformGradients(
      WinogradTiles.Block(
        tiles: range, matrices: memory.gradients + row * panels.gradient, pitch: gradientPitch,
        panel: panels.gradient, panelPitch: panels.gradient * block, scratch: memory.scratch),
      from: operands.outputGradient, zeros: zeros.pointer)
  }

  /// Adds a block's products to the sums of some positions and panels of filters.
  ///
  /// - Parameters:
  ///   - items: Panels of filters, counted through all positions.
  ///   - tiles: Tiles of the block.
  ///   - memory: The block's transforms, and the sums.
  ///   - isFirst: Whether the sums start here.
  private func multiply(_ items: Range<Int>, tiles: Int, _ memory: Memory, isFirst: Bool) {
    let (lanes, C) = (VectorUnit.lanes, shape.C)
    let filterPanels = shape.K / panels.gradient
    for item in items {
      let (position, filterPanel) = (item / filterPanels, item % filterPanels)
      let a =
        memory.gradients + position * gradientPitch + filterPanel * panels.gradient * block
      let b = memory.inputs + position * inputPitch
      let sums = memory.sums + position * sumPitch + filterPanel * panels.gradient * C
      var start = 0
      while start < tiles {
        let length = min(depth, tiles - start)
        for panel in 0..<inputPanels {
          let column = panel * panels.input
          let vectors = min(panels.input, C - column) / lanes
          // Each panel's tiles fetch their part of the next item's gradients.
          let pace = panels.gradient * MemoryLayout<Float>.stride / inputPanels
          let next = UnsafeRawPointer(a + (block + start) * panels.gradient)
          OuterTiles.multiplyPanel(
            rows: panels.gradient, columns: vectors,
            OuterCall(
              a: a + start * panels.gradient, aStride: panels.gradient,
              b: b + column * block + start * panels.input, bStride: panels.input, length: length,
              output: sums + column, stride: C, accumulates: !(isFirst && start == 0),
              upcoming: next + panel * pace * length, upcomingStep: pace))
        }
        start += length
      }
    }
  }
}
