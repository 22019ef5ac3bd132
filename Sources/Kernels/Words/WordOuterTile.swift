import CShims

/// One call of the outer tile of pairs: `output = start + Aᵀ · B` for a few rows and columns.
struct WordOuterCall {
  /// First word of A that becomes a row of the output; a step of the depth is one row of A.
  var a: UnsafeRawPointer
  /// Distance between steps of the depth in A, in words.
  var aStride: Int
  /// First word of B.
  var b: UnsafeRawPointer
  /// Distance between steps of the depth in B, in words.
  var bStride: Int
  /// Steps of the depth, two numbers each.
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

/// A register-resident tile of `Aᵀ · B` of words of two bfloat16, both matrices with pairs of the depth
/// as their rows: `OuterTile` with two products a lane.
///
/// - Important: Call only with literal parameters and inside this module, as `GemmTile`.
enum WordOuterTile<let Rows: Int, let Columns: Int> {
  /// Computes one tile.
  ///
  /// Cost: `4 · Rows · Columns · lanes · length` FLOPs. Error: that of `BFloat16Algorithm`'s sums of
  /// `2 · length` products.
  @inline(__always)
  static func multiply(_ call: borrowing WordOuterCall) {
    let (lanes, vector) = (WordTileLimits.lanes, MemoryLayout<IntVector>.stride)
    let (stride, output) = (call.stride, call.output)
    // By a closure: `repeating` compiles into one function for this size, which `OuterTile` would
    // share, and of two callers the compiler left one, `outer16x1`, with a call and spills.
    var sums = InlineArray<Rows, InlineArray<Columns, FloatVector>> { _ in
      InlineArray<Columns, FloatVector>(repeating: .zero)
    }
    if call.accumulates {
      for i in 0..<Rows {
        let row = UnsafeRawPointer(output + i &* stride)
        for j in 0..<Columns { sums[i][j] = (row + 4 &* j &* lanes).floats() }
      }
    }
    var (a, b) = (call.a, call.b)
    let (aStep, bStep, length) = (4 &* call.aStride, 4 &* call.bStride, call.length)
    var upcoming = call.upcoming
    let upcomingStep = call.upcomingStep
    var step = 0
    while step < length {
      let row = InlineArray<Columns, IntVector> { (b + $0 &* vector).ints() }
      for i in 0..<Rows {
        let x = IntVector(repeating: (a + 4 &* i).loadUnaligned(as: Int32.self))
        for j in 0..<Columns { sums[i][j] = costcurve_dot_bfloats(sums[i][j], x, row[j]) }
      }
      costcurve_prefetch_l2(upcoming)
      upcoming += upcomingStep
      a += aStep
      b += bStep
      step &+= 1
    }
    for i in 0..<Rows {
      let row = UnsafeMutableRawPointer(output + i &* stride)
      for j in 0..<Columns {
        row.storeBytes(of: sums[i][j], toByteOffset: 4 &* j &* lanes, as: FloatVector.self)
      }
    }
  }
}

/// The outer tile of pairs at every height and width that is used, each compiled on its own.
enum WordOuterTiles {
  /// Computes one panel of rows, at most as many as a vector has lanes, tile by tile.
  ///
  /// - Parameters:
  ///   - rows: A multiple of four.
  ///   - columns: Vectors across, 1 to `WordTileLimits.columns`.
  ///   - call: Where row 0 is; its `upcomingStep` is what all tiles together fetch in one step.
  @inline(__always)
  static func multiplyPanel(rows: Int, columns: Int, _ call: borrowing WordOuterCall) {
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
      tile.a += 4 &* height
      tile.output += height &* tile.stride
      tile.upcoming += tile.length &* tile.upcomingStep
      left &-= height
    }
  }

  /// Height of the next tile when `remaining` rows of a panel are left: as in `OuterTiles`, but lower
  /// where pairs are widened, as these take registers of their own.
  @inline(__always)
  private static func height(remaining: Int, columns: Int) -> Int {
    #if COSTCURVE_AVX512 && COSTCURVE_BF16
      if columns == 4 { return remaining == 8 || remaining < 6 ? 4 : 6 }
      if columns == 1, remaining >= 16 { return 16 }
      return remaining >= 8 ? 8 : 4
    #elseif COSTCURVE_AVX512
      return columns <= 2 && remaining >= 8 ? 8 : 4
    #elseif arch(arm64)
      return 4
    #else
      return columns == 1 && remaining >= 8 ? 8 : 4
    #endif
  }

  @inline(__always)
  private static func multiply(rows: Int, columns: Int, _ call: borrowing WordOuterCall) {
    switch columns {
    #if COSTCURVE_AVX512 && COSTCURVE_BF16
      case 4: rows == 6 ? pairs6x4(call) : pairs4x4(call)
      case 3: rows == 8 ? pairs8x3(call) : pairs4x3(call)
      case 2: rows == 8 ? pairs8x2(call) : pairs4x2(call)
      default: rows == 16 ? pairs16x1(call) : rows == 8 ? pairs8x1(call) : pairs4x1(call)
    #elseif COSTCURVE_AVX512
      case 4: pairs4x4(call)
      case 3: pairs4x3(call)
      case 2: rows == 8 ? pairs8x2(call) : pairs4x2(call)
      default: rows == 8 ? pairs8x1(call) : pairs4x1(call)
    #elseif arch(arm64)
      case 4: pairs4x4(call)
      case 3: pairs4x3(call)
      case 2: pairs4x2(call)
      default: pairs4x1(call)
    #else
      case 2: pairs4x2(call)
      default: rows == 8 ? pairs8x1(call) : pairs4x1(call)
    #endif
    }
  }

  #if COSTCURVE_AVX512 && COSTCURVE_BF16
    @inline(never)
    static func pairs6x4(_ call: borrowing WordOuterCall) { WordOuterTile<6, 4>.multiply(call) }
    @inline(never)
    static func pairs8x3(_ call: borrowing WordOuterCall) { WordOuterTile<8, 3>.multiply(call) }
    @inline(never)
    static func pairs16x1(_ call: borrowing WordOuterCall) { WordOuterTile<16, 1>.multiply(call) }
  #endif
  #if COSTCURVE_AVX512
    @inline(never)
    static func pairs8x2(_ call: borrowing WordOuterCall) { WordOuterTile<8, 2>.multiply(call) }
  #endif
  #if COSTCURVE_AVX512 || arch(arm64)
    @inline(never)
    static func pairs4x4(_ call: borrowing WordOuterCall) { WordOuterTile<4, 4>.multiply(call) }
    @inline(never)
    static func pairs4x3(_ call: borrowing WordOuterCall) { WordOuterTile<4, 3>.multiply(call) }
  #endif
  #if !arch(arm64)
    @inline(never)
    static func pairs8x1(_ call: borrowing WordOuterCall) { WordOuterTile<8, 1>.multiply(call) }
  #endif

  @inline(never)
  static func pairs4x2(_ call: borrowing WordOuterCall) { WordOuterTile<4, 2>.multiply(call) }
  @inline(never)
  static func pairs4x1(_ call: borrowing WordOuterCall) { WordOuterTile<4, 1>.multiply(call) }
}
