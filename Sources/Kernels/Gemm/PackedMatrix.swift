/// The right-hand matrix of a product, cut into panels as wide as the register tile.
///
/// Panel `j` holds columns `j · width ..< (j + 1) · width` for the whole depth, row after row, so
/// that the tile reads it in one stream and any part of the depth is contiguous. The last panel
/// is only as many vectors wide as it needs; columns past the end are 0.
package final class PackedMatrix: Sendable {
  /// Rows: the depth of the product.
  package let depth: Int
  /// Columns: filters, or outputs.
  package let columns: Int
  /// Panels, the last of which may be narrower.
  let panels: Int
  /// Vectors across the last panel.
  let lastWidth: Int
  private let storage: AlignedBuffer

  /// Makes room for a matrix of zeros.
  ///
  /// - Parameters:
  ///   - depth: At least 1.
  ///   - columns: At least 1.
  package init(depth: Int, columns: Int) {
    precondition(depth > 0 && columns > 0, "packing an empty matrix, \(depth) × \(columns)")
    self.depth = depth
    self.columns = columns
    let (width, lanes) = (TileLimits.width, VectorUnit.lanes)
    panels = (columns + width - 1) / width
    lastWidth = (columns - (panels - 1) * width + lanes - 1) / lanes
    storage = AlignedBuffer(count: ((panels - 1) * width + lastWidth * lanes) * depth)
  }

  /// Packs a matrix; it is copied and may be released afterwards.
  ///
  /// - Parameters:
  ///   - b: `depth` rows of `columns` floats, or the transpose of that, as filters in `K R S C`
  ///     order are.
  ///   - pool: Panels are shared out among its threads.
  package func pack(_ b: GemmOperand, pool: ThreadPool) {
    guard b.isTransposed else { return pack(pool: pool) { b.pointer + $0 * b.stride } }
    pool.forEachShare(of: panels) { range in
      for panel in range {
        let first = panel * TileLimits.width
        let pitch = width(ofPanel: panel) * VectorUnit.lanes
        Transpose.write(
          rows: min(TileLimits.width, columns - first), columns: depth,
          b.pointer + first * b.stride, stride: b.stride,
          to: storage.pointer + first * depth, stride: pitch)
      }
    }
  }

  /// Packs a matrix whose rows are contiguous, wherever each of them lies.
  ///
  /// - Parameters:
  ///   - pool: Panels are shared out among its threads.
  ///   - row: The first of the `columns` floats of a row.
  package func pack(pool: ThreadPool, rowAt row: (Int) -> UnsafePointer<Float>) {
    pool.forEachShare(of: panels) { range in
      for panel in range {
        let target = storage.pointer + panel * TileLimits.width * depth
        let first = panel * TileLimits.width
        let used = min(TileLimits.width, columns - first)
        let pitch = width(ofPanel: panel) * VectorUnit.lanes
        for p in 0..<depth { (target + p * pitch).update(from: row(p) + first, count: used) }
      }
    }
  }

  /// Vectors across a panel.
  @inline(__always)
  func width(ofPanel panel: Int) -> Int {
    panel == panels &- 1 ? lastWidth : TileLimits.columns
  }

  /// Row `p` of a panel.
  @inline(__always)
  func start(ofPanel panel: Int, depth p: Int) -> UnsafePointer<Float> {
    let first = UnsafePointer(storage.pointer) + panel &* TileLimits.width &* depth
    return first + p &* width(ofPanel: panel) &* VectorUnit.lanes
  }

  /// Row 0, column 0; for writers that compute what they pack.
  var base: UnsafeMutablePointer<Float> { storage.pointer }

  /// Floats from `base` to an element; its neighbours to the right follow up to a panel's end.
  func offset(depth p: Int, column j: Int) -> Int {
    let panel = j / TileLimits.width
    let pitch = width(ofPanel: panel) * VectorUnit.lanes
    return panel * TileLimits.width * depth + p * pitch + j % TileLimits.width
  }

  /// Columns with those added that fill the last vector.
  var paddedColumns: Int {
    (panels - 1) * TileLimits.width + lastWidth * VectorUnit.lanes
  }
}
