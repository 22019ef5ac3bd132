import CShims

/// Memory that a tile asks for line by line, as its depth goes by, before somebody reads it.
///
/// A tile multiplies for thousands of cycles in which the memory would be idle; whoever reads next
/// finds the lines in the second level, or in the third if others pushed them out.
package struct Fetch: Hashable {
  /// Bytes of a cache line: the farthest that one fetch in a step can go without gaps.
  package static let line = 64

  /// Where the fetching is.
  package var place: UnsafeRawPointer
  /// How far it moves in one step of the depth, in bytes; 0 where nothing is to be fetched.
  package var pace: Int

  /// Stays in one place, where nothing is known that could be fetched.
  static func nothing(at place: UnsafePointer<Float>) -> Fetch {
    Fetch(place: UnsafeRawPointer(place), pace: 0)
  }

  /// Spreads memory evenly over steps; what more than a line a step would need is left out.
  ///
  /// - Parameters:
  ///   - memory: What will be read.
  ///   - steps: Steps of the depth that are left for it.
  /// - Returns: Nil where there is nothing to fetch or no step to do it in.
  package static func spread(_ memory: UnsafeRawBufferPointer, over steps: Int) -> Fetch? {
    guard let base = memory.baseAddress, memory.count > 0, steps > 0 else { return nil }
    return Fetch(place: base, pace: min(line, (memory.count &+ steps &- 1) / steps))
  }

  /// Moves on as a tile has done that was this deep.
  @inline(__always)
  package mutating func advance(steps: Int) { place += steps &* pace }

  /// Asks at once for a few rows that are as wide as a tile, into the first level.
  @inline(__always)
  static func rows(
    _ first: UnsafePointer<Float>, stride: Int, height: Int, vectors: Int
  ) {
    for i in 0..<height {
      let row = first + i &* stride
      for j in 0..<vectors { costcurve_prefetch(row + j &* VectorUnit.lanes) }
    }
  }
}
