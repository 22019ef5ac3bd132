import CShims

/// Backward-weights on the outer tile: `filterGradient = outputGradientᵀ · matrix`, with the
/// pixels as the depth of the product.
///
/// A block of pixels of one panel of the lowered matrix is made in the first-level cache and
/// multiplied with all filters' gradients before the next one overwrites it; the matrix as a whole
/// never exists. The output's gradient is cut into panels of one vector of filters first, which
/// makes a single stream of what the tile reads.
final class DirectBackwardWeights: CompiledBackwardWeights {
  let shape: ConvShape
  var executedFLOPs: FLOPs { shape.macs.flops }

  /// What the threads divide among themselves.
  private enum Partition {
    /// Pixels: each thread sums over its own into a gradient of its own, added up in the end.
    /// For gradients small enough to stay in the second-level cache.
    case pixels
    /// Panels: the output's gradient is cut by all together, then each thread computes its columns
    /// of the gradient over all pixels. For large gradients.
    case panels
  }

  private let panels: PixelPanels
  private let threads: Int
  private let partition: Partition

  init(_ shape: ConvShape, threads: Int, caches: CacheSizes = .current) {
    self.shape = shape
    self.threads = threads
    panels = PixelPanels(shape: shape)
    let isLarge = shape.filterCount * MemoryLayout<Float>.stride > caches.l2 / 2
    partition = isLarge && panels.count >= 2 * threads ? .panels : .pixels
  }

  /// Output pixels of all images.
  private var pixels: Int { shape.N * shape.P * shape.Q }
  /// Pixels at a time: a block of a panel fills 32 KB, which the first-level cache holds.
  private var blockPixels: Int { 8192 / TileLimits.width }
  /// Panels of filters, the last one filled up with zeros.
  private var filterPanels: Int { (shape.K + VectorUnit.lanes - 1) / VectorUnit.lanes }

  /// Distance between panels of filters, in floats: a line more than a panel, so that the panels
  /// of whole blocks do not fall into one set of the cache.
  private var filterPitch: Int {
    switch partition {
    case .pixels: blockPixels * VectorUnit.lanes + 16
    case .panels: pixels * VectorUnit.lanes + 16
    }
  }

  /// Floats that the cut gradient takes, for one thread or for all.
  private var cutCount: Int { filterPanels * filterPitch }
  /// Floats of a thread's own scratch: a block of a panel, and a panel of filters of the result.
  private var scratchCount: Int { (blockPixels + VectorUnit.lanes) * TileLimits.width }
  /// Floats of one thread's gradient, on a whole line.
  private var partialCount: Int { (shape.filterCount + 15) / 16 * 16 }

  var workspaceCount: Int {
    switch partition {
    case .pixels: threads * (scratchCount + cutCount) + (threads - 1) * partialCount
    case .panels: threads * scratchCount + cutCount
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
    let partials = operands.workspace + threads * (scratchCount + cutCount)
    let count = shape.filterCount
    pool.run { worker in
      let scratch = operands.workspace + worker * (scratchCount + cutCount)
      let own = worker == 0 ? operands.filterGradient : partials + (worker - 1) * partialCount
      let share = ThreadPool.share(of: pixels, worker: worker, workers: threads)
      if share.isEmpty { own.update(repeating: 0, count: count) }
      forEachBlock(of: share) { block in
        cut(block, of: operands.outputGradient, to: scratch + scratchCount)
        let next = block.upperBound..<min(block.upperBound + blockPixels, share.upperBound)
        for panel in 0..<panels.count {
          accumulate(
            panel, block, operands.input, scratch + scratchCount, into: own, scratch: scratch,
            isFirst: block.lowerBound == share.lowerBound, next: next)
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
    let cutGradient = operands.workspace + threads * scratchCount
    pool.forEachShare(of: pixels, grain: 16) { rows in
      forEachBlock(of: rows) { block in
        cut(
          block, of: operands.outputGradient,
          to: cutGradient + block.lowerBound * VectorUnit.lanes)
      }
    }
    pool.run { worker in
      let scratch = operands.workspace + worker * scratchCount
      for panel in ThreadPool.share(of: panels.count, worker: worker, workers: threads) {
        forEachBlock(of: 0..<pixels) { block in
          accumulate(
            panel, block, operands.input, cutGradient + block.lowerBound * VectorUnit.lanes,
            into: operands.filterGradient, scratch: scratch, isFirst: block.lowerBound == 0,
            next: block.upperBound..<min(block.upperBound + blockPixels, pixels))
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

  /// Copies the gradient of some pixels to panels of one vector of filters.
  private func cut(
    _ block: Range<Int>, of gradient: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let (K, lanes, filterPitch) = (shape.K, VectorUnit.lanes, self.filterPitch)
    let whole = K / lanes
    for row in 0..<block.count {
      let source = gradient + (block.lowerBound &+ row) &* K
      let line = target + row &* lanes
      for panel in 0..<whole {
        Vector.load(source + panel &* lanes).store(line + panel &* filterPitch)
      }
      guard whole < filterPanels else { continue }
      let last = line + whole &* filterPitch
      for i in 0..<lanes { last[i] = whole &* lanes &+ i < K ? source[whole &* lanes &+ i] : 0 }
    }
  }

  /// Adds a block of pixels to one panel of the gradient, all filters.
  ///
  /// - Parameters:
  ///   - panel: Which columns of the gradient.
  ///   - block: Which pixels.
  ///   - input: `N H W C`.
  ///   - cutGradient: The first panel of filters, at the block's first pixel.
  ///   - gradient: `K R S C`.
  ///   - scratch: `scratchCount` floats of this thread.
  ///   - isFirst: Whether the sums start here.
  ///   - next: The pixels of the next block, of which this panel is fetched meanwhile.
  private func accumulate(
    _ panel: Int, _ block: Range<Int>, _ input: UnsafePointer<Float>,
    _ cutGradient: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, isFirst: Bool, next: Range<Int>
  ) {
    panels.pack(panel, block, of: input, into: scratch)
    let (columns, vectors, used) = (panels.columns, panels.vectors(panel), panels.used(panel))
    let (lanes, pitch) = (VectorUnit.lanes, panels.vectors(panel) * VectorUnit.lanes)
    let aside = scratch + blockPixels * TileLimits.width
    let (filterPanels, filterPitch) = (self.filterPanels, self.filterPitch)
    for filterPanel in 0..<filterPanels {
      panels.fetch(panel, next, of: input, part: filterPanel, parts: filterPanels)
      let rows = min(lanes, shape.K - filterPanel * lanes)
      let target = gradient + filterPanel * lanes * columns + panel * TileLimits.width
      let isRagged = used < pitch || rows < lanes
      if isRagged, !isFirst {
        for i in 0..<rows {
          for j in 0..<used { aside[i * pitch + j] = target[i * columns + j] }
        }
      }
      let source = cutGradient + filterPanel * filterPitch
      OuterTiles.multiplyPanel(
        rows: (rows + 3) / 4 * 4, columns: vectors,
        OuterCall(
          a: source, aStride: lanes, b: scratch, bStride: pitch, length: block.count,
          output: isRagged ? aside : target, stride: isRagged ? pitch : columns,
          accumulates: !isFirst, upcoming: UnsafeRawPointer(source + filterPitch),
          upcomingStep: MemoryLayout<Vector>.stride))
      guard isRagged else { continue }
      for i in 0..<rows {
        for j in 0..<used { target[i * columns + j] = aside[i * pitch + j] }
      }
    }
  }
}
