import Basics
import Harness
import Kernels

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

extension ConvAlgorithm {
  /// How far from the oracle the algorithm may be on small whole numbers.
  var relativeErrorOnIntegers: Double { isExactOnIntegers ? 0 : 1e-4 }
}

extension CaseRecord.Correctness {
  /// What a comparison with the oracle found; an error that is not finite is not told.
  init(passed: Bool, error: Double, against: Basis? = nil) {
    self.init(
      status: passed ? .passed : .failed, maxError: error.isFinite ? error : nil,
      against: against)
  }
}
