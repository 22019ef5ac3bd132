import CShims

/// As many s32 as one register holds; also as many words, of four bytes or two bfloat16.
typealias IntVector = costcurve_ints
/// As many float32.
typealias FloatVector = costcurve_floats

extension UnsafeRawPointer {
  /// Reads a vector, wherever it lies.
  @inline(__always)
  func ints() -> IntVector { loadUnaligned(as: IntVector.self) }

  /// Reads a vector, wherever it lies.
  @inline(__always)
  func floats() -> FloatVector { loadUnaligned(as: FloatVector.self) }

  /// Reads a vector, wherever it lies.
  @inline(__always)
  func bytes() -> ByteVector { loadUnaligned(as: ByteVector.self) }
}

/// How narrow elements are multiplied, a word of 32 bits in each lane: four bytes, or two bfloat16.
///
/// The register tile and the loops around it are the same for all; these are what they differ in.
protocol WordKernel {
  /// A vector of sums.
  associatedtype Sums
  /// What becomes of the sums.
  associatedtype Ending: WordEnding
  /// A word of a row of A, as every lane multiplies it.
  associatedtype Words
  /// A word of the depth of as many columns as a vector has sums.
  associatedtype Weights

  /// Elements of a word.
  static var elements: Int { get }
  /// Rows of the full tile.
  static var rows: Int { get }
  /// Vectors of a panel that `Weights` are: 1, or 2 where each weight has twice its bits.
  static var panelVectors: Int { get }
  /// Sums of nothing.
  static var zero: Sums { get }
  /// Reads what the sums of some columns start from.
  static func start(_ place: UnsafeRawPointer) -> Sums
  /// Reads a word of a row of A.
  static func words(_ place: UnsafeRawPointer) -> Words
  /// Reads a word of some columns from a panel.
  static func weights(_ place: UnsafeRawPointer) -> Weights
  /// Adds the products of words and weights to the sums.
  static func add(_ sums: Sums, _ words: Words, _ weights: Weights) -> Sums
  /// Stores what becomes of a tile of sums.
  ///
  /// In several short passes over all of them, because a loop whose body is long is not unrolled, and
  /// what a loop indexes lies in memory. `CodegenTests` looks.
  static func finish<let Rows: Int, let Columns: Int>(
    _ sums: inout InlineArray<Rows, InlineArray<Columns, Sums>>,
    _ call: borrowing WordTileCall<Ending>)
}

extension WordKernel {
  /// Height of the next tile when `remaining` rows are left; see `TileLimits.height`.
  @inline(__always)
  static func height(remaining: Int) -> Int {
    if remaining <= rows { return remaining }
    return remaining < rows &+ 3 ? (remaining &+ 1) / 2 : rows
  }
}

extension WordKernel where Words == IntVector, Weights == IntVector {
  static var panelVectors: Int { 1 }

  @inline(__always)
  static func words(_ place: UnsafeRawPointer) -> IntVector {
    IntVector(repeating: place.loadUnaligned(as: Int32.self))
  }

  @inline(__always)
  static func weights(_ place: UnsafeRawPointer) -> IntVector { place.ints() }
}

/// An epilogue's constants, as the tile reads them.
protocol WordEnding: Sendable {
  /// Bytes of an element of the output.
  var width: Int { get }
  /// Bytes of an element of the residual; 0 where none is added.
  var residualWidth: Int { get }
}
