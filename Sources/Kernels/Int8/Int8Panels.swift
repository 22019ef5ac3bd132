/// The weights of a product of bytes, cut into panels as wide as the register tile.
///
/// Panel `j` holds filters `j · width ..< (j + 1) · width` for the whole depth: for each word of
/// four channels one row of quads, a quad a filter, so that the tile reads it in one stream. The
/// last panel is only as many vectors wide as it needs. Weights past the last filter, and past the
/// last channel of a window position, are 0.
final class Int8Panels: @unchecked Sendable {
  /// Words of the depth.
  let quads: Int
  /// Filters.
  let columns: Int
  /// Panels, the last of which may be narrower.
  let panels: Int
  /// Vectors across the last panel.
  let lastWidth: Int
  /// The sum of each filter's weights.
  let sums: [Int32]
  private let storage: AlignedBuffer

  /// Packs filters; they are copied and may be released afterwards.
  ///
  /// - Parameters:
  ///   - weights: `columns` rows of `taps` window positions of `channels` weights.
  ///   - columns: At least 1.
  ///   - taps: At least 1.
  ///   - channels: At least 1; rounded up to whole words at each position.
  init(_ weights: UnsafePointer<Int8>, columns: Int, taps: Int, channels: Int) {
    let (width, lanes) = (Int8TileLimits.width, Int8TileLimits.lanes)
    let words = (channels + 3) / 4
    quads = taps * words
    self.columns = columns
    panels = (columns + width - 1) / width
    lastWidth = (columns - (panels - 1) * width + lanes - 1) / lanes
    storage = AlignedBuffer(count: ((panels - 1) * width + lastWidth * lanes) * quads)
    let depth = taps * channels
    sums = (0..<columns).map { column in
      (0..<depth).reduce(Int32(0)) { $0 &+ Int32(weights[column * depth + $1]) }
    }
    let place = storage.bytes
    for column in 0..<columns {
      let panel = column / width
      let pitch = panel == panels - 1 ? lastWidth * lanes : width
      var target = place + 4 * (panel * width * quads + column - panel * width)
      for tap in 0..<taps {
        let source = weights + (column * depth + tap * channels)
        for first in stride(from: 0, to: channels, by: 4) {
          if first + 4 <= channels {
            let word = UnsafeRawPointer(source + first).loadUnaligned(as: UInt32.self)
            target.storeBytes(of: word, as: UInt32.self)
          } else {
            for c in first..<channels {
              target.storeBytes(of: source[c], toByteOffset: c - first, as: Int8.self)
            }
          }
          target += 4 * pitch
        }
      }
    }
  }

  /// Columns with those added that fill the last vector.
  var paddedColumns: Int { (panels - 1) * Int8TileLimits.width + lastWidth * Int8TileLimits.lanes }

  /// All panels, one after the other.
  var memory: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage.bytes, count: 4 * paddedColumns * quads)
  }

  /// Vectors across a panel.
  @inline(__always)
  func width(ofPanel panel: Int) -> Int {
    panel == panels &- 1 ? lastWidth : Int8TileLimits.columns
  }

  /// The bytes of one panel.
  @inline(__always)
  func memory(ofPanel panel: Int) -> UnsafeRawBufferPointer {
    let first = 4 &* panel &* Int8TileLimits.width &* quads
    return UnsafeRawBufferPointer(
      start: storage.bytes + first,
      count: 4 &* width(ofPanel: panel) &* Int8TileLimits.lanes &* quads)
  }
}
