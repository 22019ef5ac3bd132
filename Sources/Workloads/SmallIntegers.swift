import Basics
import Harness

/// Inputs on which float32 sums are exact, so that algorithms can be compared bit for bit.
enum SmallIntegers {
  /// Fills with whole numbers in -4...4.
  ///
  /// A sum of `n` products is exact while `16·n < 2^24`, so for depths up to a million.
  static func fill(_ elements: UnsafeMutableBufferPointer<Float>, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for index in elements.indices { elements[index] = Float(Int(random.next() % 9) - 4) }
  }
}
