import CShims

/// Products of pairs of bfloat16, added up in float32: `vdpbf16ps` where the build has it.
enum BFloat16Dot: WordKernel {
  typealias Sums = FloatVector
  typealias Ending = BFloat16Ending
  typealias Words = IntVector
  typealias Weights = IntVector

  static var elements: Int { 2 }

  #if COSTCURVE_BF16
    /// See `TileLimits.rows`.
    static var rows: Int { 6 }
  #else
    /// Widened pairs take registers of their own.
    static var rows: Int { 4 }
  #endif

  static var zero: FloatVector { .zero }

  @inline(__always)
  static func start(_ place: UnsafeRawPointer) -> FloatVector { place.floats() }

  @inline(__always)
  static func add(
    _ sums: FloatVector, _ words: IntVector, _ weights: IntVector
  ) -> FloatVector {
    costcurve_dot_bfloats(sums, words, weights)
  }

  @inline(__always)
  static func finish<let Rows: Int, let Columns: Int>(
    _ sums: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>,
    _ call: borrowing WordTileCall<BFloat16Ending>
  ) {
    let (output, stride, lanes) = (call.output, call.stride, WordTileLimits.lanes)
    if let residual = call.residual {
      // In two halves: all rows in one loop are more than the compiler unrolls.
      if call.ending.residualWidth == 2 {
        addRounded(residual, to: &sums, rows: 0..<Rows / 2, stride: stride)
        addRounded(residual, to: &sums, rows: Rows / 2..<Rows, stride: stride)
      } else {
        addFloats(residual, to: &sums, rows: 0..<Rows / 2, stride: stride)
        addFloats(residual, to: &sums, rows: Rows / 2..<Rows, stride: stride)
      }
    }
    if call.ending.bounds {
      let least = FloatVector(repeating: call.ending.least)
      let most = FloatVector(repeating: call.ending.most)
      for i in 0..<Rows {
        for j in 0..<Columns { sums[i][j] = costcurve_bound(sums[i][j], least, most) }
      }
    }
    if call.ending.width == 4 {
      for i in 0..<Rows {
        let row = output + i &* stride &* 4
        for j in 0..<Columns {
          row.storeBytes(of: sums[i][j], toByteOffset: 4 &* j &* lanes, as: FloatVector.self)
        }
      }
      return
    }
    for i in 0..<Rows {
      let row = output + i &* stride &* 2
      for j in 0..<Columns / 2 {
        costcurve_store_bfloats2(
          row + 4 &* j &* lanes, sums[i][2 &* j], sums[i][2 &* j &+ 1])
      }
      if Columns % 2 == 1 {
        costcurve_store_bfloats(row + 2 &* (Columns &- 1) &* lanes, sums[i][Columns &- 1])
      }
    }
  }

  /// Adds a residual of bfloat16 to some rows.
  @inline(__always)
  private static func addRounded<let Rows: Int, let Columns: Int>(
    _ residual: UnsafeRawPointer,
    to sums: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>, rows: Range<Int>,
    stride: Int
  ) {
    for i in rows {
      let row = residual + i &* stride &* 2
      for j in 0..<Columns {
        let sum = sums[i][j]
        sums[i][j] = sum + costcurve_load_bfloats(row + 2 &* j &* WordTileLimits.lanes)
      }
    }
  }

  /// Adds a residual of float32 to some rows.
  @inline(__always)
  private static func addFloats<let Rows: Int, let Columns: Int>(
    _ residual: UnsafeRawPointer,
    to sums: inout InlineArray<Rows, InlineArray<Columns, FloatVector>>, rows: Range<Int>,
    stride: Int
  ) {
    for i in rows {
      let row = residual + i &* stride &* 4
      for j in 0..<Columns {
        let sum = sums[i][j]
        sums[i][j] = sum + (row + 4 &* j &* WordTileLimits.lanes).floats()
      }
    }
  }
}
