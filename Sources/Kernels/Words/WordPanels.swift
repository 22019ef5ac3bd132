/// The weights of a product of words, cut into panels as wide as the register tile.
///
/// Panel `j` holds filters `j · width ..< (j + 1) · width` for the whole depth: for each word of
/// the depth one row of words, a word a filter, so that the tile reads it in one stream. The last
/// panel is only as many vectors wide as it needs. Weights past the last filter, and past the last
/// channel of a window position, are 0.
final class WordPanels: @unchecked Sendable {
  /// Words of the depth.
  let words: Int
  /// Filters.
  let columns: Int
  /// Panels, the last of which may be narrower.
  let panels: Int
  /// Vectors across the last panel, of sums.
  let lastWidth: Int
  /// Vectors of weights for each vector of sums; see `WordKernel.panelVectors`.
  let vectors: Int
  let storage: AlignedBuffer

  /// Makes room for filters, all of them 0 until they are packed.
  ///
  /// - Parameters:
  ///   - elements: Weights of a word: four bytes, or two of two bytes.
  ///   - columns: At least 1.
  ///   - taps: At least 1.
  ///   - channels: At least 1; rounded up to whole words at each position.
  ///   - vectors: Vectors of weights for each vector of sums.
  init(elements: Int, columns: Int, taps: Int, channels: Int, vectors: Int = 1) {
    let (width, lanes) = (WordTileLimits.width, WordTileLimits.lanes)
    self.vectors = vectors
    words = taps * ((channels + elements - 1) / elements)
    self.columns = columns
    panels = (columns + width - 1) / width
    lastWidth = (columns - (panels - 1) * width + lanes - 1) / lanes
    storage = AlignedBuffer(count: ((panels - 1) * width + lastWidth * lanes) * words * vectors)
  }

  /// Packs filters; they are copied and may be released afterwards.
  ///
  /// - Parameters:
  ///   - weights: `columns` rows of `taps` window positions of `channels` weights.
  ///   - elements: Weights of a word: four bytes, or two of two bytes.
  ///   - columns: At least 1.
  ///   - taps: At least 1.
  ///   - channels: At least 1; rounded up to whole words at each position.
  convenience init(
    _ weights: UnsafeRawPointer, elements: Int, columns: Int, taps: Int, channels: Int
  ) {
    self.init(elements: elements, columns: columns, taps: taps, channels: channels)
    let size = 4 / elements
    forEachWord(elements: elements, taps: taps, channels: channels) { first, used, target in
      let source = weights + first * size
      if used == elements {
        target.storeBytes(of: source.loadUnaligned(as: UInt32.self), as: UInt32.self)
      } else {
        target.copyMemory(from: source, byteCount: used * size)
      }
    }
  }

  /// Goes through the words of all filters, one filter after the other.
  ///
  /// - Parameters:
  ///   - elements: As in `init`.
  ///   - taps: As in `init`.
  ///   - channels: As in `init`.
  ///   - write: Packs a word: which weight is its first, how many it has, and where it lies in the
  ///     first of its vectors; the others follow, a vector apart.
  @inline(__always)
  func forEachWord(
    elements: Int, taps: Int, channels: Int,
    _ write: (_ first: Int, _ used: Int, _ target: UnsafeMutableRawPointer) -> Void
  ) {
    let (width, lanes) = (WordTileLimits.width, WordTileLimits.lanes)
    for column in 0..<columns {
      let (panel, place) = (column / width, column % width)
      let pitch = 4 * vectors * self.width(ofPanel: panel) * lanes
      // Panels before it, and vectors before its own.
      let before = panel * width * words + place / lanes * lanes
      var target = storage.bytes + 4 * (vectors * before + place % lanes)
      for tap in 0..<taps {
        let source = (column * taps + tap) * channels
        for channel in stride(from: 0, to: channels, by: elements) {
          write(source + channel, min(elements, channels - channel), target)
          target += pitch
        }
      }
    }
  }

  /// Columns with those added that fill the last vector.
  var paddedColumns: Int { (panels - 1) * WordTileLimits.width + lastWidth * WordTileLimits.lanes }

  /// All panels, one after the other.
  var memory: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage.bytes, count: 4 * paddedColumns * words * vectors)
  }

  /// Vectors across a panel.
  @inline(__always)
  func width(ofPanel panel: Int) -> Int {
    panel == panels &- 1 ? lastWidth : WordTileLimits.columns
  }

  /// The bytes of one panel.
  @inline(__always)
  func memory(ofPanel panel: Int) -> UnsafeRawBufferPointer {
    let column = 4 &* words &* vectors
    return UnsafeRawBufferPointer(
      start: storage.bytes + panel &* WordTileLimits.width &* column,
      count: width(ofPanel: panel) &* WordTileLimits.lanes &* column)
  }
}
