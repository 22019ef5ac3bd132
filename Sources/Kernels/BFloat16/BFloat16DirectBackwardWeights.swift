import CShims
import Tensors

/// Backward-weights in bfloat16 on the outer tile of pairs: `filterGradient = outputGradientᵀ · matrix`,
/// with pairs of pixels as the depth of the product.
///
/// As `DirectBackwardWeights`: a block of pairs of one panel of the lowered matrix is made in the
/// first-level cache and multiplied with the gradients of a thread's filters before the next one
/// overwrites it. The numbers of two pixels that follow one another are put side by side on the way,
/// those of the matrix and those of the output's gradient, which is cut into panels of one vector of
/// filters. Nothing is transposed in memory.
///
/// Positions in the border are zeros of the matrix: times an infinite derivative they are NaN, as the
/// reference has it.
final class BFloat16DirectBackwardWeights: CompiledBFloat16BackwardWeights {
  let shape: ConvShape
  let algorithm = BFloat16Algorithm.tile

  /// What the threads divide among themselves.
  private enum Partition {
    /// Pairs of pixels: each thread sums over its own into a gradient of its own, added up in the end.
    case pairs
    /// Filters: each thread computes the rows of its own over all pixels.
    case filters
  }

  private let panels: PixelPairPanels
  private let threads: Int
  private let partition: Partition
  /// Whether a thread's gradient stays in the second-level cache while block after block is added to
  /// it; otherwise it is done with one panel before it takes the next.
  private let staysInCache: Bool
  /// Panels of filters, the last one filled up with zeros.
  private let filterPanels: Int

  init(_ shape: ConvShape, threads: Int, caches: CacheSizes = .current) {
    (self.shape, self.threads) = (shape, threads)
    panels = PixelPairPanels(shape)
    let bytes = shape.filterCount * MemoryLayout<Float>.stride
    filterPanels = (shape.K + WordTileLimits.lanes - 1) / WordTileLimits.lanes
    // Adding up a large gradient costs more than making the matrix once more.
    let enough = bytes > caches.l2 / 2 ? 2 : 8
    partition = threads > 1 && filterPanels >= enough * threads ? .filters : .pairs
    staysInCache = (partition == .filters ? bytes / threads : bytes) <= caches.l2 / 2
  }

  /// Pairs at a time: a block of a panel fills 32 KB, which the first-level cache holds.
  private var blockPairs: Int { 8192 / WordTileLimits.width }

  /// Distance between panels of filters, in words: a line more than a panel, so that the panels of
  /// whole blocks do not fall into one set of the cache.
  private var filterPitch: Int {
    let share = partition == .filters ? panels.pairs : (panels.pairs + threads - 1) / threads
    return (staysInCache ? blockPairs : share) * WordTileLimits.lanes + 16
  }

  /// Words that the cut gradient takes, for one thread or for all.
  private var cutCount: Int { filterPanels * filterPitch }
  /// Words of a thread's own scratch: a block of a panel, and a panel of filters of the result.
  private var scratchCount: Int { (blockPairs + WordTileLimits.lanes) * WordTileLimits.width }
  /// Floats of one thread's gradient, on a whole line.
  private var partialCount: Int { (shape.filterCount + 15) / 16 * 16 }

  var workspaceByteCount: Int {
    switch partition {
    case .pairs: 4 * (threads * (scratchCount + cutCount) + (threads - 1) * partialCount)
    case .filters: 4 * (threads * scratchCount + cutCount)
    }
  }

  func run(_ operands: BFloat16BackwardWeightsOperands, pool: ThreadPool) {
    precondition(pool.threads == threads, "compiled for \(threads) threads, not \(pool.threads)")
    switch partition {
    case .pairs: runByPairs(operands, pool: pool)
    case .filters: runByFilters(operands, pool: pool)
    }
  }

  private func runByPairs(_ operands: BFloat16BackwardWeightsOperands, pool: ThreadPool) {
    let partials = (operands.workspace + 4 * threads * (scratchCount + cutCount))
      .assumingMemoryBound(to: Float.self)
    let count = shape.filterCount
    pool.run { worker in
      let scratch = operands.workspace + 4 * worker * (scratchCount + cutCount)
      let own = worker == 0 ? operands.filterGradient : partials + (worker - 1) * partialCount
      let share = ThreadPool.share(of: panels.pairs, worker: worker, workers: threads)
      if share.isEmpty { own.update(repeating: 0, count: count) }
      sum(
        share, 0..<filterPanels, operands, cut: scratch + 4 * scratchCount, scratch: scratch,
        into: own)
    }
    pool.add(partials, pitch: partialCount, count: count, to: operands.filterGradient)
  }

  private func runByFilters(_ operands: BFloat16BackwardWeightsOperands, pool: ThreadPool) {
    let cutGradient = operands.workspace + 4 * threads * scratchCount
    pool.run { worker in
      sum(
        0..<panels.pairs,
        ThreadPool.share(of: filterPanels, worker: worker, workers: threads), operands,
        cut: cutGradient, scratch: operands.workspace + 4 * worker * scratchCount,
        into: operands.filterGradient)
    }
  }

  /// Computes some rows of the gradient over some pairs of pixels.
  ///
  /// - Parameters:
  ///   - share: Which pairs.
  ///   - own: Which rows, in panels of filters.
  ///   - operands: Input and the output's gradient.
  ///   - cutGradient: Room for `cutCount` words, of which those of these rows are used.
  ///   - scratch: `scratchCount` words of this thread.
  ///   - gradient: `K R S C`.
  private func sum(
    _ share: Range<Int>, _ own: Range<Int>, _ operands: BFloat16BackwardWeightsOperands,
    cut cutGradient: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    guard !share.isEmpty, !own.isEmpty else { return }
    func accumulate(_ panel: Int, _ block: Range<Int>, _ cutGradient: UnsafeRawPointer) {
      self.accumulate(
        panel, block, own, operands.input, cutGradient, into: gradient, scratch: scratch,
        isFirst: block.lowerBound == share.lowerBound,
        next: block.upperBound..<min(block.upperBound + blockPairs, share.upperBound))
    }
    guard !staysInCache else {
      return share.forEachBlock(of: blockPairs) { block in
        cut(block, own, of: operands.outputGradient, to: cutGradient)
        for panel in 0..<panels.count {
          accumulate(panel, block, UnsafeRawPointer(cutGradient))
        }
      }
    }
    let place = { (block: Range<Int>) in
      cutGradient + 4 * (block.lowerBound - share.lowerBound) * WordTileLimits.lanes
    }
    share.forEachBlock(of: blockPairs) { block in
      cut(block, own, of: operands.outputGradient, to: place(block))
    }
    for panel in 0..<panels.count {
      share.forEachBlock(of: blockPairs) { block in
        accumulate(panel, block, UnsafeRawPointer(place(block)))
      }
    }
  }

  /// Copies the gradient of some pairs of pixels to panels of one vector of filters.
  private func cut(
    _ block: Range<Int>, _ own: Range<Int>, of gradient: UnsafePointer<BFloat16>,
    to target: UnsafeMutableRawPointer
  ) {
    let (K, lanes, pitch) = (shape.K, WordTileLimits.lanes, 4 * filterPitch)
    let pixels = panels.pixels
    for (index, pair) in block.enumerated() {
      let first = gradient + 2 * pair * K
      let line = target + 4 * index * lanes
      let hasSecond = 2 * pair + 1 < pixels
      for panel in own {
        let place = line + panel * pitch
        let filter = panel * lanes
        if hasSecond, filter + lanes <= K {
          place.storeBytes(
            of: costcurve_pair_bfloats(first + filter, first + (K + filter)), as: IntVector.self)
          continue
        }
        // The last pixel of an odd number, or the last filters: zeros beside what there is.
        for lane in 0..<lanes {
          var bits: UInt32 = 0
          if filter + lane < K {
            bits = UInt32(first[filter + lane].bits)
            if hasSecond { bits |= UInt32(first[K + filter + lane].bits) << 16 }
          }
          place.storeBytes(of: bits, toByteOffset: 4 * lane, as: UInt32.self)
        }
      }
    }
  }

  /// Adds a block of pairs to one panel of the gradient.
  ///
  /// - Parameters:
  ///   - panel: Which columns of the gradient.
  ///   - block: Which pairs.
  ///   - own: Which rows of the gradient, in panels of filters.
  ///   - input: `N H W C`.
  ///   - cutGradient: The first panel of filters, at the block's first pair.
  ///   - gradient: `K R S C`.
  ///   - scratch: `scratchCount` words of this thread.
  ///   - isFirst: Whether the sums start here.
  ///   - next: The pairs of the next block, of which this panel is fetched meanwhile.
  private func accumulate(
    _ panel: Int, _ block: Range<Int>, _ own: Range<Int>, _ input: UnsafePointer<BFloat16>,
    _ cutGradient: UnsafeRawPointer, into gradient: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutableRawPointer, isFirst: Bool, next: Range<Int>
  ) {
    panels.pack(panel, block, of: input, into: scratch)
    let (columns, vectors, used) = (panels.columns, panels.vectors(panel), panels.used(panel))
    let lanes = WordTileLimits.lanes
    let pitch = vectors * lanes
    let aside = (scratch + 4 * blockPairs * WordTileLimits.width)
      .assumingMemoryBound(to: Float.self)
    let filterPitch = self.filterPitch
    for filterPanel in own {
      panels.fetch(
        panel, next, of: input, part: filterPanel - own.lowerBound, parts: own.count)
      let rows = min(lanes, shape.K - filterPanel * lanes)
      let target = gradient + filterPanel * lanes * columns + panel * WordTileLimits.width
      let isRagged = used < pitch || rows < lanes
      if isRagged, !isFirst {
        for i in 0..<rows {
          for j in 0..<used { aside[i * pitch + j] = target[i * columns + j] }
        }
      }
      let source = cutGradient + 4 * filterPanel * filterPitch
      // After the last one the first again, as in `DirectBackwardWeights`.
      let isLast = filterPanel + 1 == own.upperBound
      let following =
        isLast ? cutGradient + 4 * own.lowerBound * filterPitch : source + 4 * filterPitch
      WordOuterTiles.multiplyPanel(
        rows: (rows + 3) / 4 * 4, columns: vectors,
        WordOuterCall(
          a: source, aStride: lanes, b: UnsafeRawPointer(scratch), bStride: pitch,
          length: block.count, output: isRagged ? aside : target,
          stride: isRagged ? pitch : columns, accumulates: !isFirst, upcoming: following,
          upcomingStep: MemoryLayout<IntVector>.stride))
      guard isRagged else { continue }
      for i in 0..<rows {
        for j in 0..<used { target[i * columns + j] = aside[i * pitch + j] }
      }
    }
  }
}
