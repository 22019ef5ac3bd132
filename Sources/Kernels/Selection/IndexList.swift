/// Whole numbers in memory, of 32 or of 64 bits.
public struct IndexList {
  private let start: UnsafeRawPointer
  private let isWide: Bool

  /// Names them.
  ///
  /// - Parameters:
  ///   - start: The first one.
  ///   - isWide: Whether they have 64 bits, and not 32.
  public init(_ start: UnsafeRawPointer, isWide: Bool) {
    (self.start, self.isWide) = (start, isWide)
  }

  /// The number at a place.
  @inline(__always)
  subscript(place: Int) -> Int {
    isWide
      ? Int(start.load(fromByteOffset: 8 * place, as: Int64.self))
      : Int(start.load(fromByteOffset: 4 * place, as: Int32.self))
  }

  /// The number at a place, from the end where it is negative; nil where it is none of `length`.
  @inline(__always)
  func place(_ place: Int, of length: Int) -> Int? {
    let index = self[place]
    guard index >= -length, index < length else { return nil }
    return index < 0 ? index + length : index
  }
}
