import Basics

/// The generator of test inputs: the same numbers on every machine.
package typealias SeededRandom = SplitMix64

extension SplitMix64 {
  /// `count` whole numbers in `range`, as floats: products and short sums of them are exact.
  package mutating func integers(_ count: Int, in range: ClosedRange<Int> = -4...4) -> [Float] {
    (0..<count).map { _ in Float(Int.random(in: range, using: &self)) }
  }

  /// `count` floats, uniform in `range`.
  package mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }
}
