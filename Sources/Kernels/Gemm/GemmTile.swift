import CShims

/// The widths and heights that the register tile comes in.
enum TileLimits {
  /// Rows of the full tile: six row pointers still fit the general registers beside the rest.
  static let rows = 6
  /// Vectors across the full tile: with six rows, 24 of 32 registers, or 12 of 16, hold sums.
  static let columns = VectorUnit.registers == 32 ? 4 : 2
  /// Floats across the full tile, which is the width of a packed panel.
  static let width = columns * VectorUnit.lanes

  /// Full tiles that cover so many rows.
  @inline(__always)
  static func tiles(_ rows: Int) -> Int { (rows &+ Self.rows &- 1) / Self.rows }

  /// Height of the next tile when `remaining` rows are left.
  ///
  /// The rest is cut so that no tile has one or two rows unless there are no more: such tiles
  /// have too few independent sums to hide the latency of the multiply-add.
  @inline(__always)
  static func height(remaining: Int) -> Int {
    switch remaining {
    case ..<7: remaining
    case 7, 8: 4
    default: rows
    }
  }
}

/// One call of the register tile: `output = end(start + A · panel)` for a few rows and columns.
struct TileCall {
  /// First floats of the rows of A: one pointer per row of the tile, for each segment in turn or
  /// for the first alone.
  var rows: UnsafePointer<UnsafePointer<Float>>
  /// Pointers from a segment to the next; 0 where all segments share them.
  var rowsStep: Int
  /// Floats from a segment to the next where they share pointers, otherwise 0.
  var segmentPitch: Int
  /// Pieces that the depth is cut into; each row's floats are contiguous within a piece.
  var segments: Int
  /// Depth of one segment.
  var length: Int
  /// Packed B: for each step of the depth one row, as wide as the tile.
  var panel: UnsafePointer<Float>
  /// Top-left float of the tile.
  var output: UnsafeMutablePointer<Float>
  /// Distance between rows of the output and of the residual, in floats.
  var stride: Int
  /// What the sums of each column start from.
  var bias: UnsafePointer<Float>
  /// Added at the end, laid out as the output; may be the output.
  var residual: UnsafePointer<Float>?
  /// Whether negative results become 0 at the very end.
  var rectifies: Bool
  /// The panel that will be read after this one.
  var nextPanel: Fetch
  /// The rows that the next tile reads, where they lie one after the other and are new.
  ///
  /// Moves on by a float for each row; points into the panel where there is nothing to fetch.
  var nextRows: UnsafeRawPointer
  /// What the caller reads later on.
  var upcoming: Fetch
}

/// A register-resident tile of a matrix product, `Rows` high and `Columns` vectors wide.
///
/// Every step of the depth loads one row of the panel, broadcasts one float of each row of A and
/// does `Rows · Columns` fused multiply-adds; sums leave the registers only at the end. The test
/// `CodegenTests` holds the compiled loop to that.
///
/// - Important: Call only with literal parameters and inside this module. Unspecialised, the
///   body is runtime-generic and thousands of times slower.
enum GemmTile<let Rows: Int, let Columns: Int> {
  /// Computes one tile.
  ///
  /// Cost: `2 · Rows · Columns · lanes · segments · length` FLOPs. Every step is fused, so to
  /// first order the error is at most `depth · 2⁻²⁴ · Σ|a·b|` per element.
  @inline(__always)
  static func multiply(_ call: borrowing TileCall) {
    let lanes = VectorUnit.lanes
    let stride = call.stride
    let output = call.output
    var sums = InlineArray<Rows, InlineArray<Columns, Vector>>(
      repeating: InlineArray<Columns, Vector>(repeating: .zero))
    for j in 0..<Columns {
      let start = Vector.load(call.bias + j &* lanes)
      for i in 0..<Rows { sums[i][j] = start }
    }

    var panel = call.panel
    var (nextPanel, nextRows, upcoming) = (call.nextPanel.place, call.nextRows, call.upcoming.place)
    let (panelPace, upcomingPace) = (call.nextPanel.pace, call.upcoming.pace)
    var rows = call.rows
    let length = call.length
    var offset = 0
    var segment = 0
    while segment < call.segments {
      let a = InlineArray<Rows, UnsafePointer<Float>> { rows[$0] + offset }
      rows += call.rowsStep
      offset &+= call.segmentPitch
      var p = 0
      while p < length {
        let b = InlineArray<Columns, Vector> { Vector.load(panel + $0 &* lanes) }
        for i in 0..<Rows {
          let x = Vector(repeating: a[i][p])
          for j in 0..<Columns { sums[i][j].addProduct(x, b[j]) }
        }
        costcurve_prefetch_l2(nextPanel)
        costcurve_prefetch_l2(nextRows)
        costcurve_prefetch_l2(upcoming)
        nextPanel += panelPace
        nextRows += Rows &* MemoryLayout<Float>.stride
        upcoming += upcomingPace
        panel += Columns &* lanes
        p &+= 1
      }
      segment &+= 1
    }

    if let residual = call.residual {
      for i in 0..<Rows {
        let row = residual + i &* stride
        for j in 0..<Columns { sums[i][j] += Vector.load(row + j &* lanes) }
      }
    }
    if call.rectifies {
      for i in 0..<Rows {
        for j in 0..<Columns {
          let sum = sums[i][j]
          sums[i][j] = sum.rectified()
        }
      }
    }
    for i in 0..<Rows {
      let row = output + i &* stride
      for j in 0..<Columns { sums[i][j].store(row + j &* lanes) }
    }
  }
}
