import CShims

/// The widths and heights that the register tile of bytes comes in.
enum Int8TileLimits {
  /// Sums in a vector.
  static let lanes = IntVector.scalarCount

  #if COSTCURVE_VNNI || COSTCURVE_AVXVNNI
    /// Rows of the full tile; see `TileLimits.rows`.
    static let rows = 6
  #else
    /// Rows of the full tile: widened weights take registers of their own.
    static let rows = 4
  #endif

  #if COSTCURVE_AVX512 || arch(arm64)
    /// Vectors across the full tile.
    static let columns = 4
  #else
    /// Vectors across the full tile.
    static let columns = 2
  #endif

  /// Sums across the full tile, which is the width of a packed panel.
  static let width = columns * lanes

  /// Height of the next tile when `remaining` rows are left; see `TileLimits.height`.
  @inline(__always)
  static func height(remaining: Int) -> Int {
    if remaining <= rows { return remaining }
    return remaining < rows &+ 3 ? (remaining &+ 1) / 2 : rows
  }
}

/// One call of the register tile: `output = ending(start + A · panel)` for a few rows and columns.
///
/// Rows of A are counted in words of four bytes, which is what a step of the depth multiplies.
struct Int8TileCall {
  /// First words of the rows of A: one pointer per row of the tile, for each segment in turn or for
  /// the first alone.
  var rows: UnsafePointer<UnsafePointer<Float>>
  /// Pointers from a segment to the next; 0 where all segments share them.
  var rowsStep: Int
  /// Words from a segment to the next where they share pointers, otherwise 0.
  var segmentPitch: Int
  /// Pieces that the depth is cut into; each row's bytes are contiguous within a piece.
  var segments: Int
  /// Words of one segment.
  var quads: Int
  /// Packed weights: for each word one row of quads, as wide as the tile.
  var panel: UnsafeRawPointer
  /// The s32 that the sums of each column start from.
  var start: UnsafeRawPointer
  /// The float32 that the sums of each column are multiplied by.
  var factors: UnsafeRawPointer
  /// Top-left element of the tile.
  var output: UnsafeMutableRawPointer
  /// Elements from a row of output and residual to the next.
  var stride: Int
  /// Added at the end, laid out as the output.
  var residual: UnsafePointer<UInt8>?
  /// What becomes of the sums.
  var ending: Int8Ending
  /// What will be read later, for the second level.
  var next: Fetch
  /// The rows of A that the next call reads, for the first level, where they lie one after the other.
  ///
  /// Moves on by a word for each row; points into the panel where there is nothing to fetch.
  var nextRows: UnsafeRawPointer
}

/// A register-resident tile of a product of bytes, `Rows` high and `Columns` vectors wide.
///
/// Every step loads one row of the panel, broadcasts one word of each row of A and does
/// `Rows · Columns` dot products; sums leave the registers only as results.
///
/// What becomes of the sums is done in several short passes over all of them, because a loop whose
/// body is long is not unrolled, and what a loop indexes lies in memory. `CodegenTests` looks.
///
/// - Important: Call only with literal parameters and inside this module, as `GemmTile`.
enum Int8Tile<let Rows: Int, let Columns: Int> {
  /// Computes one tile.
  ///
  /// Cost: `8 · Rows · Columns · lanes · segments · quads` operations.
  @inline(__always)
  static func multiply<Dot: ByteDot>(_ call: borrowing Int8TileCall, _: Dot.Type) {
    let vector = MemoryLayout<IntVector>.stride
    var sums = InlineArray<Rows, InlineArray<Columns, IntVector>>(
      repeating: InlineArray<Columns, IntVector>(repeating: .zero))
    for j in 0..<Columns {
      let start = (call.start + j &* vector).ints()
      for i in 0..<Rows { sums[i][j] = start }
    }

    var panel = call.panel
    var next = call.next.place
    let pace = call.next.pace
    var nextRows = call.nextRows
    var rows = call.rows
    let quads = call.quads
    var offset = 0
    var segment = 0
    while segment < call.segments {
      let a = InlineArray<Rows, UnsafeRawPointer> { UnsafeRawPointer(rows[$0] + offset) }
      rows += call.rowsStep
      offset &+= call.segmentPitch
      var p = 0
      while p < quads {
        let b = InlineArray<Columns, IntVector> { (panel + $0 &* vector).ints() }
        for i in 0..<Rows {
          let x = IntVector(repeating: (a[i] + 4 &* p).loadUnaligned(as: Int32.self))
          for j in 0..<Columns { sums[i][j] = Dot.add(sums[i][j], x, b[j]) }
        }
        costcurve_prefetch_l2(next)
        next += pace
        costcurve_prefetch(nextRows)
        nextRows += Rows &* 4
        panel += Columns &* vector
        p &+= 1
      }
      segment &+= 1
    }

    let (output, stride) = (call.output, call.stride)
    if call.ending.form == .sums {
      for i in 0..<Rows {
        let row = output + i &* stride &* 4
        for j in 0..<Columns {
          row.storeBytes(of: sums[i][j], toByteOffset: j &* vector, as: IntVector.self)
        }
      }
      return
    }

    var y = InlineArray<Rows, InlineArray<Columns, FloatVector>>(
      repeating: InlineArray<Columns, FloatVector>(repeating: .zero))
    if call.ending.isJoined, let residual = call.residual {
      // In two halves: all rows in one loop are more than the compiler unrolls.
      join(residual, to: sums, giving: &y, rows: 0..<Rows / 2, call)
      join(residual, to: sums, giving: &y, rows: Rows / 2..<Rows, call)
    } else {
      for j in 0..<Columns {
        let factor = (call.factors + j &* vector).floats()
        for i in 0..<Rows { y[i][j] = costcurve_to_floats(sums[i][j]) * factor }
      }
    }
    if call.ending.clampsSums {
      let least = FloatVector(repeating: call.ending.least)
      let most = FloatVector(repeating: call.ending.most)
      for i in 0..<Rows {
        for j in 0..<Columns { y[i][j] = costcurve_clamp(y[i][j], least, most) }
      }
    }
    if let residual = call.residual {
      if !call.ending.isJoined {
        add(residual, to: &y, rows: 0..<Rows / 2, call)
        add(residual, to: &y, rows: Rows / 2..<Rows, call)
      }
      if call.ending.clampsTotal {
        let least = FloatVector(repeating: call.ending.leastTotal)
        let most = FloatVector(repeating: call.ending.mostTotal)
        for i in 0..<Rows {
          for j in 0..<Columns { y[i][j] = costcurve_clamp(y[i][j], least, most) }
        }
      }
    }

    if call.ending.form == .floats {
      for i in 0..<Rows {
        let row = output + i &* stride &* 4
        for j in 0..<Columns {
          row.storeBytes(of: y[i][j], toByteOffset: j &* vector, as: FloatVector.self)
        }
      }
      return
    }
    let range = call.ending.range
    for i in 0..<Rows {
      let row = (output + i &* stride).assumingMemoryBound(to: UInt8.self)
      if Columns == Int8TileLimits.columns {
        #if COSTCURVE_AVX512
          costcurve_store_bytes4(row, y[i][0], y[i][1], y[i][2], y[i][3], range)
        #elseif COSTCURVE_AVX2
          costcurve_store_bytes2(row, y[i][0], y[i][1], range)
        #else
          for j in 0..<Columns {
            costcurve_store_bytes(row + j &* Int8TileLimits.lanes, y[i][j], range)
          }
        #endif
      } else {
        for j in 0..<Columns {
          costcurve_store_bytes(row + j &* Int8TileLimits.lanes, y[i][j], range)
        }
      }
    }
  }

  /// Scales sums of some rows and adds the residual's steps.
  @inline(__always)
  private static func join(
    _ residual: UnsafePointer<UInt8>,
    to sums: InlineArray<Rows, InlineArray<Columns, IntVector>>,
    giving y: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>, rows: Range<Int>,
    _ call: borrowing Int8TileCall
  ) {
    let factor = FloatVector(repeating: call.ending.residualFactor)
    let offset = FloatVector(repeating: call.ending.residualOffset)
    for i in rows {
      let row = residual + i &* call.stride
      for j in 0..<Columns {
        let bytes = costcurve_to_floats(costcurve_load_bytes(row + j &* Int8TileLimits.lanes))
        let own = (call.factors + j &* MemoryLayout<IntVector>.stride).floats()
        y[i][j] = offset.addingProduct(bytes, factor)
          .addingProduct(costcurve_to_floats(sums[i][j]), own)
      }
    }
  }

  /// Rounds scaled sums of some rows to whole steps, and adds the residual's to them.
  ///
  /// Rounding is no pass of its own: products of all sums, waiting for the residual, would spill.
  @inline(__always)
  private static func add(
    _ residual: UnsafePointer<UInt8>,
    to y: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>, rows: Range<Int>,
    _ call: borrowing Int8TileCall
  ) {
    let own = FloatVector(repeating: call.ending.ownFactor)
    let factor = FloatVector(repeating: call.ending.residualFactor)
    let zero = call.ending.residualZero
    for i in rows {
      let row = residual + i &* call.stride
      for j in 0..<Columns {
        let steps = costcurve_load_steps(row + j &* Int8TileLimits.lanes, zero)
        y[i][j] = (costcurve_round(y[i][j]) * own).addingProduct(steps, factor)
      }
    }
  }
}
