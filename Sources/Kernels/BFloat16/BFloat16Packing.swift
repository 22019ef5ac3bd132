import CShims
import Tensors

/// Filters that are float32 and change from step to step, rounded to bfloat16 on their way into panels.
extension WordPanels {
  /// Words of the depth that are packed at a time: what they are in a panel fits the first level.
  private static let blockWords = 32

  /// Packs filters as `init` packs those that are bfloat16 already.
  ///
  /// - Parameters:
  ///   - weights: As many rows as there are columns, of `taps` window positions of `channels` weights.
  ///   - taps: As in `init`.
  ///   - channels: As in `init`.
  ///   - pool: Runs the work.
  func load(
    rounding weights: UnsafePointer<Float>, taps: Int, channels: Int, pool: ThreadPool
  ) {
    let (words, row) = (self.words, taps * channels)
    let blocks = (words + Self.blockWords - 1) / Self.blockWords
    pool.forEachShare(of: panels * blocks) { items in
      // Aligned more than its type asks, it would lie on the heap.
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.blockWords) { scratch in
        guard let pairs = scratch.baseAddress else { return }
        for item in items {
          let (panel, first) = (item / blocks, item % blocks * Self.blockWords)
          let block = first..<min(first + Self.blockWords, words)
          let firstColumn = panel * WordTileLimits.width
          let pitch = 4 * width(ofPanel: panel) * WordTileLimits.lanes
          var target = storage.bytes + 4 * firstColumn * words + block.lowerBound * pitch
          for column in firstColumn..<min(firstColumn + WordTileLimits.width, columns) {
            Self.round(weights + column * row, block, channels: channels, to: pairs)
            for index in 0..<block.count {
              target.storeBytes(
                of: pairs[index], toByteOffset: index * pitch, as: UInt32.self)
            }
            target += 4
          }
        }
      }
    }
  }

  /// Rounds some words of one filter.
  private static func round(
    _ filter: UnsafePointer<Float>, _ block: Range<Int>, channels: Int,
    to pairs: UnsafeMutableRawPointer
  ) {
    guard channels % 2 != 0 else {
      return BFloat16Rows.round(
        filter + 2 * block.lowerBound, count: 2 * block.count, to: pairs)
    }
    // The last channel of each window position has a word of its own.
    let perTap = (channels + 1) / 2
    for (index, word) in block.enumerated() {
      let channel = 2 * (word % perTap)
      let place = filter + (word / perTap * channels + channel)
      var bits = UInt32(BFloat16(place[0]).bits)
      if channel + 1 < channels { bits |= UInt32(BFloat16(place[1]).bits) << 16 }
      pairs.storeBytes(of: bits, toByteOffset: 4 * index, as: UInt32.self)
    }
  }

  /// Packs a matrix whose rows lie where the depth goes on: each word is of two of its rows.
  ///
  /// - Parameters:
  ///   - taps: As in `init`.
  ///   - channels: As in `init`.
  ///   - pool: Runs the work.
  ///   - row: Where as many floats as there are columns lie for a channel of a window position.
  func load(
    taps: Int, channels: Int, pool: ThreadPool,
    row: (_ tap: Int, _ channel: Int) -> UnsafePointer<Float>
  ) {
    let (perTap, lanes) = ((channels + 1) / 2, WordTileLimits.lanes)
    pool.forEachShare(of: taps * perTap, grain: 8) { items in
      for word in items {
        let (tap, channel) = (word / perTap, 2 * (word % perTap))
        let first = row(tap, channel)
        let second = channel + 1 < channels ? row(tap, channel + 1) : nil
        for panel in 0..<panels {
          let firstColumn = panel * WordTileLimits.width
          let count = min(WordTileLimits.width, columns - firstColumn)
          let target =
            storage.bytes
            + 4 * (firstColumn * words + word * width(ofPanel: panel) * lanes)
          Self.pair(
            first + firstColumn, second.map { $0 + firstColumn }, count: count, to: target)
        }
      }
    }
  }

  /// Rounds two rows and writes them as the first and second numbers of words; zeros for no second row.
  private static func pair(
    _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>?, count: Int,
    to target: UnsafeMutableRawPointer
  ) {
    let lanes = WordTileLimits.lanes
    var i = 0
    if let second {
      while i + lanes <= count {
        target.storeBytes(
          of: costcurve_pair_floats(
            UnsafeRawPointer(first + i).floats(), UnsafeRawPointer(second + i).floats()),
          toByteOffset: 4 * i, as: IntVector.self)
        i += lanes
      }
    }
    while i < count {
      let high = second.map { UInt32(BFloat16($0[i]).bits) << 16 } ?? 0
      target.storeBytes(
        of: UInt32(BFloat16(first[i]).bits) | high, toByteOffset: 4 * i, as: UInt32.self)
      i += 1
    }
  }
}
