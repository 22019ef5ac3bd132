import CShims

/// As many numbers of 16 bits as one register holds.
typealias Int16Vector = costcurve_int16s

/// Products of pairs of 16 bits, added up modulo 2³²: `vpmaddwd` and `vpaddd`.
enum Int16Dot: WordKernel {
  typealias Sums = IntVector
  typealias Ending = StoredSums
  typealias Words = IntVector
  typealias Weights = IntVector

  static var elements: Int { 2 }

  #if COSTCURVE_AVX512
    /// See `TileLimits.rows`.
    static var rows: Int { 6 }
  #else
    /// Products take a register of their own, and eight sums hide an addition's latency.
    static var rows: Int { 4 }
  #endif

  static var zero: IntVector { .zero }

  @inline(__always)
  static func start(_ place: UnsafeRawPointer) -> IntVector { place.ints() }

  @inline(__always)
  static func add(_ sums: IntVector, _ words: IntVector, _ weights: IntVector) -> IntVector {
    costcurve_dot_int16s(sums, words, weights)
  }

  @inline(__always)
  static func finish<let Rows: Int, let Columns: Int>(
    _ sums: inout InlineArray<Rows, InlineArray<Columns, IntVector>>,
    _ call: borrowing WordTileCall<StoredSums>
  ) {
    let (output, stride) = (call.output, call.stride)
    for i in 0..<Rows {
      let row = output + i &* stride &* 4
      for j in 0..<Columns {
        row.storeBytes(
          of: sums[i][j], toByteOffset: j &* MemoryLayout<IntVector>.stride, as: IntVector.self)
      }
    }
  }
}

/// The ending of sums that are stored as they are.
struct StoredSums: WordEnding {
  /// Bytes of a sum.
  var width: Int { 4 }
  /// Nothing is added.
  var residualWidth: Int { 0 }
}
