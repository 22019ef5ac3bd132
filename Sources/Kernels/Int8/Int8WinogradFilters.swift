/// Filters of bytes as `F(2x2, 3x3)` multiplies them, in whole numbers.
///
/// `(2G) g (2G)ᵀ` has no fractions, and a row of `2G` adds up to 3 at most, so that no number is beyond
/// 9 · 128 = 1152 and 16 bits hold it. Results are four times the sums; see `WinogradF2` for `G`.
enum Int8WinogradFilters {
  /// Whether four times every sum over a window stays within 32 bits, whatever the bytes are.
  ///
  /// Then the sum is a quarter of the result, although what leads to it may wrap around. With weights
  /// of 127 in all places that is so up to 1841 channels.
  ///
  /// - Parameters:
  ///   - weights: `filters` rows of `count` weights.
  ///   - filters: Number of filters.
  ///   - count: Weights of a filter.
  /// - Returns: False as soon as one filter could be too large.
  static func areExact(_ weights: UnsafePointer<Int8>, filters: Int, count: Int) -> Bool {
    for k in 0..<filters {
      var (above, below) = (0, 0)
      for i in 0..<count {
        let weight = Int(weights[k &* count &+ i])
        if weight > 0 { above &+= weight } else { below &-= weight }
      }
      guard 4 * 255 * max(above, below) <= Int(Int32.max) else { return false }
    }
    return true
  }

  /// Transforms filters and packs them, the panels of one product position after the other.
  ///
  /// - Parameters:
  ///   - weights: `K 3 3 C`; copied.
  ///   - filters: `K`.
  ///   - channels: `C`.
  ///   - columns: Filters of a position, with those of zeros that fill its last panel.
  /// - Returns: Panels of `16 · columns` columns and `C` weights each.
  static func panels(
    _ weights: UnsafePointer<Int8>, filters: Int, channels: Int, columns: Int
  ) -> WordPanels {
    let count = Int8WinogradTiles.positions * columns
    let transformed = AlignedBuffer(byteCount: 2 * count * channels)
    let target = transformed.bytes.assumingMemoryBound(to: Int16.self)
    for k in 0..<filters {
      for c in 0..<channels {
        transform(
          weights + k * 9 * channels + c, pitch: channels, to: target + k * channels + c,
          pitch: columns * channels)
      }
    }
    return WordPanels(
      transformed.bytes, elements: 2, columns: count, taps: 1, channels: channels)
  }

  /// Writes `(2G) g (2G)ᵀ` of one channel of one filter.
  ///
  /// - Parameters:
  ///   - taps: The first of 9 taps.
  ///   - pitch: Weights from a tap to the next.
  ///   - target: The first of 16 positions.
  ///   - step: Numbers from a position to the next.
  private static func transform(
    _ taps: UnsafePointer<Int8>, pitch: Int, to target: UnsafeMutablePointer<Int16>,
    pitch step: Int
  ) {
    var rows = InlineArray<12, Int16>(repeating: 0)
    for s in 0..<3 {
      let g0 = Int16(taps[s &* pitch])
      let g1 = Int16(taps[(3 &+ s) &* pitch])
      let g2 = Int16(taps[(6 &+ s) &* pitch])
      rows[s] = 2 &* g0
      rows[3 &+ s] = g0 &+ g1 &+ g2
      rows[6 &+ s] = g0 &- g1 &+ g2
      rows[9 &+ s] = 2 &* g2
    }
    for i in 0..<4 {
      let (t0, t1, t2) = (rows[3 &* i], rows[3 &* i &+ 1], rows[3 &* i &+ 2])
      let row = target + 4 &* i &* step
      row[0] = 2 &* t0
      row[step] = t0 &+ t1 &+ t2
      row[2 &* step] = t0 &- t1 &+ t2
      row[3 &* step] = 2 &* t2
    }
  }
}
