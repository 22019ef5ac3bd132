/// Backward-weights on the register tile: `filterGradient = outputGradientᵀ · matrix`, with the
/// pixels as the depth of the product.
///
/// A block of pixels of one panel of the lowered matrix is made in the first-level cache and
/// multiplied with all filters' gradients before the next one overwrites it; the matrix as a whole
/// never exists. The output's gradient is turned round first, so that the tile reads along pixels.
final class DirectBackwardWeights: CompiledBackwardWeights {
  let shape: ConvShape
  var executedFLOPs: FLOPs { shape.macs.flops }

  /// What the threads divide among themselves.
  private enum Partition {
    /// Pixels: each thread sums over its own into a gradient of its own, added up in the end.
    /// For gradients small enough to stay in the second-level cache.
    case pixels
    /// Panels: the output's gradient is turned round by all together, then each thread computes
    /// its columns of the gradient over all pixels. For large gradients.
    case panels
  }

  private let panels: PixelPanels
  private let threads: Int
  private let partition: Partition
  /// What the sums of a column start from.
  private let zeros: AlignedBuffer

  init(_ shape: ConvShape, threads: Int) {
    self.shape = shape
    self.threads = threads
    panels = PixelPanels(shape: shape)
    zeros = AlignedBuffer(count: TileLimits.width)
    let isLarge = shape.filterCount * MemoryLayout<Float>.stride > CacheSizes.current.l2 / 2
    partition = isLarge && panels.count >= 2 * threads ? .panels : .pixels
  }

  /// Output pixels of all images.
  private var pixels: Int { shape.N * shape.P * shape.Q }
  /// Pixels at a time: a block of a panel fills 32 KB, which the first-level cache holds.
  private var blockPixels: Int { 8192 / TileLimits.width }

  /// Distance between the rows of the turned gradient, in floats: whole lines, and never a
  /// multiple of a page, at which all rows would fall into one set of the cache.
  private var turnedStride: Int {
    switch partition {
    case .pixels: blockPixels + 16
    case .panels: (pixels + 15) / 16 * 16 + 16
    }
  }

  /// Floats that the turned gradient takes, for one thread or for all.
  private var turnedCount: Int { shape.K * turnedStride }
  /// Floats of a thread's own scratch: a block of a panel, a tile, pointers to its rows.
  private var scratchCount: Int {
    blockPixels * TileLimits.width + TileLimits.rows * TileLimits.width + 2 * 16
  }
  /// Floats of one thread's gradient, on a whole line.
  private var partialCount: Int { (shape.filterCount + 15) / 16 * 16 }

  var workspaceCount: Int {
    switch partition {
    case .pixels: threads * (scratchCount + turnedCount) + (threads - 1) * partialCount
    case .panels: threads * scratchCount + turnedCount
    }
  }

  func run(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    switch partition {
    case .pixels: runByPixels(operands, pool: pool)
    case .panels: runByPanels(operands, pool: pool)
    }
  }

  private func runByPixels(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    let partials = operands.workspace + threads * (scratchCount + turnedCount)
    let (count, K, stride) = (shape.filterCount, shape.K, turnedStride)
    pool.run { worker in
      let scratch = operands.workspace + worker * (scratchCount + turnedCount)
      let turned = scratch + scratchCount
      let own = worker == 0 ? operands.filterGradient : partials + (worker - 1) * partialCount
      let share = ThreadPool.share(of: pixels, worker: worker, workers: threads)
      if share.isEmpty { own.update(repeating: 0, count: count) }
      forEachBlock(of: share) { block in
        Transpose.write(
          rows: block.count, columns: K, operands.outputGradient + block.lowerBound * K,
          stride: K, to: turned, stride: stride)
        for panel in 0..<panels.count {
          accumulate(
            panel, block, operands.input, turned, into: own, scratch: scratch,
            isFirst: block.lowerBound == share.lowerBound)
        }
      }
    }
    guard threads > 1 else { return }
    pool.forEachShare(of: count, grain: 1024) { items in
      for worker in 1..<threads {
        let partial = partials + (worker - 1) * partialCount
        for i in items { operands.filterGradient[i] += partial[i] }
      }
    }
  }

  private func runByPanels(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    let turned = operands.workspace + threads * scratchCount
    let (K, stride) = (shape.K, turnedStride)
    pool.forEachShare(of: pixels, grain: 16) { rows in
      forEachBlock(of: rows) { block in
        Transpose.write(
          rows: block.count, columns: K, operands.outputGradient + block.lowerBound * K,
          stride: K, to: turned + block.lowerBound, stride: stride)
      }
    }
    pool.run { worker in
      let scratch = operands.workspace + worker * scratchCount
      for panel in ThreadPool.share(of: panels.count, worker: worker, workers: threads) {
        forEachBlock(of: 0..<pixels) { block in
          accumulate(
            panel, block, operands.input, turned + block.lowerBound,
            into: operands.filterGradient, scratch: scratch, isFirst: block.lowerBound == 0)
        }
      }
    }
  }

  @inline(__always)
  private func forEachBlock(of range: Range<Int>, _ body: (Range<Int>) -> Void) {
    var first = range.lowerBound
    while first < range.upperBound {
      let end = min(first + blockPixels, range.upperBound)
      body(first..<end)
      first = end
    }
  }

  /// Adds a block of pixels to one panel of the gradient, all filters.
  ///
  /// - Parameters:
  ///   - panel: Which columns of the gradient.
  ///   - block: Which pixels.
  ///   - input: `N H W C`.
  ///   - turned: The turned gradient, row 0, at the block's first pixel.
  ///   - gradient: `K R S C`.
  ///   - scratch: `scratchCount` floats of this thread.
  ///   - isFirst: Whether the sums start here.
  private func accumulate(
    _ panel: Int, _ block: Range<Int>, _ input: UnsafePointer<Float>,
    _ turned: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    panels.pack(panel, block, of: input, into: scratch)
    let (columns, vectors, used) = (panels.columns, panels.vectors(panel), panels.used(panel))
    let aside = scratch + blockPixels * TileLimits.width
    let pointers = UnsafeMutableRawPointer(aside + TileLimits.rows * TileLimits.width)
      .assumingMemoryBound(to: UnsafePointer<Float>.self)
    let isRagged = used < vectors * VectorUnit.lanes
    let pitch = vectors * VectorUnit.lanes
    var k = 0
    while k < shape.K {
      let height = TileLimits.height(remaining: shape.K - k)
      for i in 0..<height { pointers[i] = turned + (k + i) * turnedStride }
      let target = gradient + k * columns + panel * TileLimits.width
      if isRagged, !isFirst {
        for i in 0..<height {
          for j in 0..<used { aside[i * pitch + j] = target[i * columns + j] }
        }
      }
      let call = TileCall(
        rows: UnsafePointer(pointers), segments: 1, length: block.count,
        panel: UnsafePointer(scratch), output: isRagged ? aside : target,
        stride: isRagged ? pitch : columns, bias: isFirst ? UnsafePointer(zeros.pointer) : nil,
        residual: nil, rectifies: false, upcoming: UnsafeRawPointer(scratch), upcomingStep: 0)
      GemmTiles.multiply(rows: height, columns: vectors, call)
      if isRagged {
        for i in 0..<height {
          for j in 0..<used { target[i * columns + j] = aside[i * pitch + j] }
        }
      }
      k += height
    }
  }
}
