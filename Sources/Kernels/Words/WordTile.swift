import CShims

/// The widths that the register tile of words comes in.
enum WordTileLimits {
  /// Sums in a vector.
  static let lanes = IntVector.scalarCount

  #if COSTCURVE_AVX512 || arch(arm64)
    /// Vectors across the full tile.
    static let columns = 4
  #else
    /// Vectors across the full tile.
    static let columns = 2
  #endif

  /// Sums across the full tile, which is the width of a packed panel.
  static let width = columns * lanes
}

/// One call of the register tile: `output = ending(start + A · panel)` for a few rows and columns.
///
/// Rows of A are counted in words, which is what a step of the depth multiplies.
struct WordTileCall<Ending: WordEnding> {
  /// First words of the rows of A: one pointer per row of the tile, for each segment in turn or for
  /// the first alone.
  var rows: UnsafePointer<UnsafePointer<Float>>
  /// Pointers from a segment to the next; 0 where all segments share them.
  var rowsStep: Int
  /// Words from a segment to the next where they share pointers, otherwise 0.
  var segmentPitch: Int
  /// Pieces that the depth is cut into; each row's elements are contiguous within a piece.
  var segments: Int
  /// Words of one segment.
  var words: Int
  /// Packed weights: for each word of the depth one row of words, as wide as the tile; two vectors for
  /// one where weights are split.
  var panel: UnsafeRawPointer
  /// What the sums of each column start from: 32 bits each.
  var start: UnsafeRawPointer
  /// The float32 that the sums of each column are multiplied by, where they are.
  var factors: UnsafeRawPointer
  /// Top-left element of the tile.
  var output: UnsafeMutableRawPointer
  /// Elements from a row of output and residual to the next.
  var stride: Int
  /// Added at the end, laid out as the output.
  var residual: UnsafeRawPointer?
  /// What becomes of the sums.
  var ending: Ending
  /// What will be read later, for the second level.
  var next: Fetch
  /// The rows of A that the next call reads, for the first level, where they lie one after the other.
  ///
  /// Moves on by a word for each row; points into the panel where there is nothing to fetch.
  var nextRows: UnsafeRawPointer
}

/// A register-resident tile of a product of words, `Rows` high and `Columns` vectors wide.
///
/// Every step loads one row of the panel, broadcasts one word of each row of A and does
/// `Rows · Columns` dot products; sums leave the registers only as results.
///
/// - Important: Call only with literal parameters and inside this module, as `GemmTile`.
enum WordTile<let Rows: Int, let Columns: Int> {
  /// Computes one tile.
  ///
  /// Cost: `2 · elements · Rows · Columns · lanes · segments · words` operations.
  @inline(__always)
  static func multiply<Kernel: WordKernel>(
    _ call: borrowing WordTileCall<Kernel.Ending>, by kernel: Kernel.Type
  ) {
    let vector = MemoryLayout<IntVector>.stride
    let weights = Kernel.panelVectors &* vector
    var sums = InlineArray<Rows, InlineArray<Columns, Kernel.Sums>>(
      repeating: InlineArray<Columns, Kernel.Sums>(repeating: Kernel.zero))
    for j in 0..<Columns {
      let start = Kernel.start(call.start + j &* vector)
      for i in 0..<Rows { sums[i][j] = start }
    }

    var panel = call.panel
    var next = call.next.place
    let pace = call.next.pace
    var nextRows = call.nextRows
    var rows = call.rows
    let words = call.words
    var offset = 0
    var segment = 0
    while segment < call.segments {
      let a = InlineArray<Rows, UnsafeRawPointer> { UnsafeRawPointer(rows[$0] + offset) }
      rows += call.rowsStep
      offset &+= call.segmentPitch
      var p = 0
      while p < words {
        let b = InlineArray<Columns, Kernel.Weights> { Kernel.weights(panel + $0 &* weights) }
        for i in 0..<Rows {
          let x = Kernel.words(a[i] + 4 &* p)
          for j in 0..<Columns { sums[i][j] = Kernel.add(sums[i][j], x, b[j]) }
        }
        costcurve_prefetch_l2(next)
        next += pace
        costcurve_prefetch(nextRows)
        nextRows += Rows &* 4
        panel += Columns &* weights
        p &+= 1
      }
      segment &+= 1
    }
    Kernel.finish(&sums, call)
  }
}
