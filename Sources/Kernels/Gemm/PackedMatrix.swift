/// The right-hand matrix of a product, cut into panels as wide as the register tile.
///
/// Panel `j` holds columns `j · width ..< (j + 1) · width` for the whole depth, row after row, so
/// that the tile reads it in one stream and any part of the depth is contiguous. The last panel
/// is only as many vectors wide as it needs; columns past the end are 0.
package final class PackedMatrix: @unchecked Sendable {
  /// Rows: the depth of the product.
  package let depth: Int
  /// Columns: filters, or outputs.
  package let columns: Int
  /// Panels, the last of which may be narrower.
  let panels: Int
  /// Vectors across the last panel.
  let lastWidth: Int
  /// Row 0, column 0; for writers that compute what they pack.
  let base: UnsafeMutablePointer<Float>
  /// The memory at `base`, unless it is another's.
  private let storage: AlignedBuffer?

  /// Makes room for a matrix of zeros.
  ///
  /// - Parameters:
  ///   - depth: At least 1.
  ///   - columns: At least 1.
  ///   - place: `count(depth:columns:)` zeros that outlive the matrix; memory of its own if nil.
  package init(depth: Int, columns: Int, at place: UnsafeMutablePointer<Float>? = nil) {
    precondition(depth > 0 && columns > 0, "packing an empty matrix, \(depth) × \(columns)")
    self.depth = depth
    self.columns = columns
    (panels, lastWidth) = Self.cut(columns)
    if let place {
      base = place
      storage = nil
    } else {
      let owned = AlignedBuffer(count: Self.count(depth: depth, columns: columns))
      base = owned.pointer
      storage = consume owned
    }
  }

  /// Panels of a matrix, and vectors across the last.
  private static func cut(_ columns: Int) -> (panels: Int, lastWidth: Int) {
    let (width, lanes) = (TileLimits.width, VectorUnit.lanes)
    let panels = (columns + width - 1) / width
    return (panels, (columns - (panels - 1) * width + lanes - 1) / lanes)
  }

  /// Floats that a matrix takes, packed.
  static func count(depth: Int, columns: Int) -> Int {
    let (panels, lastWidth) = cut(columns)
    return ((panels - 1) * TileLimits.width + lastWidth * VectorUnit.lanes) * depth
  }

  /// All panels, one after the other.
  var memory: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      UnsafeBufferPointer(start: base, count: Self.count(depth: depth, columns: columns)))
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
          to: base + first * depth, stride: pitch)
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
        let target = base + panel * TileLimits.width * depth
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
    let first = UnsafePointer(base) + panel &* TileLimits.width &* depth
    return first + p &* width(ofPanel: panel) &* VectorUnit.lanes
  }

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
