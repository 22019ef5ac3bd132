import CShims

/// Backward-weights on the outer tile: `filterGradient = outputGradientᵀ · matrix`, with the
/// pixels as the depth of the product.
///
/// A block of pixels of one panel of the lowered matrix is made in the first-level cache and
/// multiplied with the gradients of a thread's filters before the next one overwrites it; the
/// matrix as a whole never exists. Where the input is itself the panel, nothing is made. The
/// output's gradient is cut into panels of one vector of filters first, which makes a single stream
/// of what the tile reads.
final class DirectBackwardWeights: CompiledBackwardWeights {
  let shape: ConvShape

  /// What the threads divide among themselves.
  private enum Partition {
    /// Pixels: each thread sums over its own into a gradient of its own, added up in the end.
    case pixels
    /// Filters: each thread computes the rows of its own over all pixels, so that nothing is added
    /// up. Every thread then makes the whole lowered matrix, which pays with many filters.
    case filters
  }

  private let panels: PixelPanels
  private let threads: Int
  private let partition: Partition
  /// Whether a thread's gradient stays in the second-level cache while block after block of pixels
  /// is added to it; otherwise it is done with one panel before it takes the next.
  private let staysInCache: Bool
  /// Panels of filters, the last one filled up with zeros.
  private let filterPanels: Int

  init(_ shape: ConvShape, threads: Int, caches: CacheSizes = .current) {
    self.shape = shape
    self.threads = threads
    panels = PixelPanels(shape: shape)
    let bytes = shape.filterCount * MemoryLayout<Float>.stride
    filterPanels = (shape.K + VectorUnit.lanes - 1) / VectorUnit.lanes
    // Adding up a large gradient costs more than making the matrix once more.
    let enough = bytes > caches.l2 / 2 ? 2 : 8
    partition = threads > 1 && filterPanels >= enough * threads ? .filters : .pixels
    staysInCache = (partition == .filters ? bytes / threads : bytes) <= caches.l2 / 2
  }

  /// Output pixels of all images.
  private var pixels: Int { shape.N * shape.P * shape.Q }
  /// Pixels at a time: a block of a panel fills 32 KB, which the first-level cache holds.
  private var blockPixels: Int { 8192 / TileLimits.width }

  /// Distance between panels of filters, in floats: a line more than a panel, so that the panels
  /// of whole blocks do not fall into one set of the cache.
  private var filterPitch: Int {
    let share = partition == .filters ? pixels : (pixels + threads - 1) / threads
    return (staysInCache ? blockPixels : share) * VectorUnit.lanes + 16
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
    case .filters: threads * scratchCount + cutCount
    }
  }

  func run(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    switch partition {
    case .pixels: runByPixels(operands, pool: pool)
    case .filters: runByFilters(operands, pool: pool)
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
      sum(
        share, 0..<filterPanels, operands, cut: scratch + scratchCount, scratch: scratch, into: own)
    }
    pool.add(partials, pitch: partialCount, count: count, to: operands.filterGradient)
  }

  private func runByFilters(_ operands: BackwardWeightsOperands, pool: ThreadPool) {
    let cutGradient = operands.workspace + threads * scratchCount
    pool.run { worker in
      sum(
        0..<pixels, ThreadPool.share(of: filterPanels, worker: worker, workers: threads), operands,
        cut: cutGradient, scratch: operands.workspace + worker * scratchCount,
        into: operands.filterGradient)
    }
  }

  /// Computes some rows of the gradient over some pixels.
  ///
  /// - Parameters:
  ///   - share: Which pixels.
  ///   - own: Which rows, in panels of filters.
  ///   - operands: Input and the output's gradient.
  ///   - cutGradient: Room for `cutCount` floats, of which those of these rows are used.
  ///   - scratch: `scratchCount` floats of this thread.
  ///   - gradient: `K R S C`.
  private func sum(
    _ share: Range<Int>, _ own: Range<Int>, _ operands: BackwardWeightsOperands,
    cut cutGradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    guard !share.isEmpty, !own.isEmpty else { return }
    func accumulate(
      _ panel: Int, _ block: Range<Int>, _ cutGradient: UnsafePointer<Float>
    ) {
      self.accumulate(
        panel, block, own, operands.input, cutGradient, into: gradient, scratch: scratch,
        isFirst: block.lowerBound == share.lowerBound,
        next: block.upperBound..<min(block.upperBound + blockPixels, share.upperBound))
    }
    guard !staysInCache else {
      return share.forEachBlock(of: blockPixels) { block in
        cut(block, own, of: operands.outputGradient, to: cutGradient)
        for panel in 0..<panels.count { accumulate(panel, block, cutGradient) }
      }
    }
    let place = { (block: Range<Int>) in
      cutGradient + (block.lowerBound - share.lowerBound) * VectorUnit.lanes
    }
    share.forEachBlock(of: blockPixels) { block in
      cut(block, own, of: operands.outputGradient, to: place(block))
    }
    for panel in 0..<panels.count {
      share.forEachBlock(of: blockPixels) { block in accumulate(panel, block, place(block)) }
    }
  }

  /// Copies the gradient of some pixels to panels of one vector of filters.
  private func cut(
    _ block: Range<Int>, _ own: Range<Int>, of gradient: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let (K, lanes, filterPitch) = (shape.K, VectorUnit.lanes, self.filterPitch)
    let whole = own.clamped(to: 0..<(K / lanes))
    for row in 0..<block.count {
      let source = gradient + (block.lowerBound &+ row) &* K
      let line = target + row &* lanes
      for panel in whole {
        Vector.load(source + panel &* lanes).store(line + panel &* filterPitch)
      }
      guard whole.upperBound < own.upperBound else { continue }
      let first = whole.upperBound &* lanes
      let last = line + whole.upperBound &* filterPitch
      for i in 0..<lanes { last[i] = first &+ i < K ? source[first &+ i] : 0 }
    }
  }

  /// Adds a block of pixels to one panel of the gradient.
  ///
  /// - Parameters:
  ///   - panel: Which columns of the gradient.
  ///   - block: Which pixels.
  ///   - own: Which rows of the gradient, in panels of filters.
  ///   - input: `N H W C`.
  ///   - cutGradient: The first panel of filters, at the block's first pixel.
  ///   - gradient: `K R S C`.
  ///   - scratch: `scratchCount` floats of this thread.
  ///   - isFirst: Whether the sums start here.
  ///   - next: The pixels of the next block, of which this panel is fetched meanwhile.
  private func accumulate(
    _ panel: Int, _ block: Range<Int>, _ own: Range<Int>,
    _ input: UnsafePointer<Float>, _ cutGradient: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    isFirst: Bool, next: Range<Int>
  ) {
    let isInPlace = panels.areInPlace
    if !isInPlace { panels.pack(panel, block, of: input, into: scratch) }
    let matrix = isInPlace ? input + block.lowerBound * shape.C : UnsafePointer(scratch)
    let (columns, vectors, used) = (panels.columns, panels.vectors(panel), panels.used(panel))
    let (lanes, pitch) = (VectorUnit.lanes, panels.vectors(panel) * VectorUnit.lanes)
    let aside = scratch + blockPixels * TileLimits.width
    let filterPitch = self.filterPitch
    for filterPanel in own {
      panels.fetch(
        panel, next, of: input, part: filterPanel - own.lowerBound, parts: own.count)
      let rows = min(lanes, shape.K - filterPanel * lanes)
      let target = gradient + filterPanel * lanes * columns + panel * TileLimits.width
      let isRagged = used < pitch || rows < lanes
      if isRagged, !isFirst {
        for i in 0..<rows {
          for j in 0..<used { aside[i * pitch + j] = target[i * columns + j] }
        }
      }
      let source = cutGradient + filterPanel * filterPitch
      // After the last one the first again: what lies behind it may be what another thread writes,
      // and fetching that would take its lines away in the middle of its work.
      let isLast = filterPanel + 1 == own.upperBound
      let following =
        isLast ? cutGradient + own.lowerBound * filterPitch : source + filterPitch
      OuterTiles.multiplyPanel(
        rows: (rows + 3) / 4 * 4, columns: vectors,
        OuterCall(
          a: source, aStride: lanes, b: matrix, bStride: pitch, length: block.count,
          output: isRagged ? aside : target, stride: isRagged ? pitch : columns,
          accumulates: !isFirst, upcoming: UnsafeRawPointer(following),
          upcomingStep: MemoryLayout<Vector>.stride))
      guard isRagged else { continue }
      for i in 0..<rows {
        for j in 0..<used { target[i * columns + j] = aside[i * pitch + j] }
      }
    }
  }
}
