import CShims

/// One call of the outer tile: `output = start + Aᵀ · B` for a few rows and columns.
struct OuterCall {
  /// First column of A that becomes a row of the output; a step of the depth is one row of A.
  var a: UnsafePointer<Float>
  /// Distance between steps of the depth in A, in floats.
  var aStride: Int
  /// First column of B.
  var b: UnsafePointer<Float>
  /// Distance between steps of the depth in B, in floats.
  var bStride: Int
  /// Steps of the depth.
  var length: Int
  /// Top-left float of the tile.
  var output: UnsafeMutablePointer<Float>
  /// Distance between rows of the output, in floats.
  var stride: Int
  /// Whether the sums go on from what the output holds; otherwise from 0.
  var accumulates: Bool
  /// Memory that will be read soon, fetched as the depth goes by.
  var upcoming: UnsafeRawPointer
  /// How far the fetching moves in one step of the depth, in bytes.
  var upcomingStep: Int
}

/// A register-resident tile of `Aᵀ · B`, both matrices with the depth as their rows.
///
/// Sums of outer products: what gradients by filters are, the depth being pixels or tiles of them.
/// One pointer reaches all rows of the tile, so that a narrow tile may be high enough to hide the
/// latency of the multiply-add, where `GemmTile` runs out of registers for its row pointers.
///
/// - Important: Call only with literal parameters and inside this module, as `GemmTile`.
enum OuterTile<let Rows: Int, let Columns: Int> {
  /// Computes one tile.
  ///
  /// Cost: `2 · Rows · Columns · lanes · length` FLOPs. Every step is fused, so to first order the
  /// error is at most `length · 2⁻²⁴ · Σ|a·b|` per element.
  @inline(__always)
  static func multiply(_ call: borrowing OuterCall) {
    let lanes = VectorUnit.lanes
    let (stride, output) = (call.stride, call.output)
    var sums = InlineArray<Rows, InlineArray<Columns, Vector>>(
      repeating: InlineArray<Columns, Vector>(repeating: .zero))
    if call.accumulates {
      for i in 0..<Rows {
        let row = output + i &* stride
        for j in 0..<Columns { sums[i][j] = Vector.load(row + j &* lanes) }
      }
    }
    var (a, b) = (call.a, call.b)
    let (aStride, bStride, length) = (call.aStride, call.bStride, call.length)
    var upcoming = call.upcoming
    let upcomingStep = call.upcomingStep
    var step = 0
    while step < length {
      let row = InlineArray<Columns, Vector> { Vector.load(b + $0 &* lanes) }
      for i in 0..<Rows {
        let x = Vector(repeating: a[i])
        for j in 0..<Columns { sums[i][j].addProduct(x, row[j]) }
      }
      costcurve_prefetch_l2(upcoming)
      upcoming += upcomingStep
      a += aStride
      b += bStride
      step &+= 1
    }
    for i in 0..<Rows {
      let row = output + i &* stride
      for j in 0..<Columns { sums[i][j].store(row + j &* lanes) }
    }
  }
}

/// The outer tile at every height and width that is used, each compiled on its own.
enum OuterTiles {
  /// Computes one panel of rows, at most as many as a vector has lanes, tile by tile.
  ///
  /// - Parameters:
  ///   - rows: A multiple of four.
  ///   - columns: Vectors across, 1 to `TileLimits.columns`.
  ///   - call: Where row 0 is; its `upcomingStep` is what all tiles together fetch in one step.
  @inline(__always)
  static func multiplyPanel(rows: Int, columns: Int, _ call: borrowing OuterCall) {
    var tiles = 0
    var left = rows
    while left > 0 {
      left &-= height(remaining: left, columns: columns)
      tiles &+= 1
    }
    var tile = copy call
    tile.upcomingStep = call.upcomingStep / tiles
    left = rows
    while left > 0 {
      let height = height(remaining: left, columns: columns)
      multiply(rows: height, columns: columns, tile)
      tile.a += height
      tile.output += height &* tile.stride
      tile.upcoming += tile.length &* tile.upcomingStep
      left &-= height
    }
  }

  /// Height of the next tile when `remaining` rows of a panel are left.
  ///
  /// As high as the registers allow beside a row of B, and no tile of two rows: that would have
  /// too few independent sums.
  @inline(__always)
  private static func height(remaining: Int, columns: Int) -> Int {
    #if COSTCURVE_AVX512
      if columns == 4 { return remaining == 8 || remaining < 6 ? 4 : 6 }
      if columns == 1, remaining >= 16 { return 16 }
      return remaining >= 8 ? 8 : 4
    #elseif arch(arm64)
      return 4
    #else
      return columns == 1 && remaining >= 8 ? 8 : 4
    #endif
  }

  @inline(__always)
  private static func multiply(rows: Int, columns: Int, _ call: borrowing OuterCall) {
    switch columns {
    #if COSTCURVE_AVX512
      case 4: rows == 6 ? outer6x4(call) : outer4x4(call)
      case 3: rows == 8 ? outer8x3(call) : outer4x3(call)
      case 2: rows == 8 ? outer8x2(call) : outer4x2(call)
      default: rows == 16 ? outer16x1(call) : rows == 8 ? outer8x1(call) : outer4x1(call)
    #elseif arch(arm64)
      case 4: outer4x4(call)
      case 3: outer4x3(call)
      case 2: outer4x2(call)
      default: outer4x1(call)
    #else
      case 2: outer4x2(call)
      default: rows == 8 ? outer8x1(call) : outer4x1(call)
    #endif
    }
  }

  #if COSTCURVE_AVX512
    @inline(never)
    static func outer6x4(_ call: borrowing OuterCall) { OuterTile<6, 4>.multiply(call) }
    @inline(never)
    static func outer8x3(_ call: borrowing OuterCall) { OuterTile<8, 3>.multiply(call) }
    @inline(never)
    static func outer8x2(_ call: borrowing OuterCall) { OuterTile<8, 2>.multiply(call) }
    @inline(never)
    static func outer16x1(_ call: borrowing OuterCall) { OuterTile<16, 1>.multiply(call) }
  #endif
  #if COSTCURVE_AVX512 || arch(arm64)
    @inline(never)
    static func outer4x4(_ call: borrowing OuterCall) { OuterTile<4, 4>.multiply(call) }
    @inline(never)
    static func outer4x3(_ call: borrowing OuterCall) { OuterTile<4, 3>.multiply(call) }
  #endif
  #if !arch(arm64)
    @inline(never)
    static func outer8x1(_ call: borrowing OuterCall) { OuterTile<8, 1>.multiply(call) }
  #endif

  @inline(never)
  static func outer4x2(_ call: borrowing OuterCall) { OuterTile<4, 2>.multiply(call) }
  @inline(never)
  static func outer4x1(_ call: borrowing OuterCall) { OuterTile<4, 1>.multiply(call) }
}
