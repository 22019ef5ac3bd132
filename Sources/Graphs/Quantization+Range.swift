import Kernels

extension Quantization {
  /// The bytes that a range of numbers and 0 need at least.
  ///
  /// The zero point is rounded to a byte, so that the ends may move by half a step. Of nothing but
  /// zeros one step is 1.
  ///
  /// - Parameter range: What is to be told apart; finite.
  package init(covering range: ClosedRange<Float>) {
    let (low, high) = (min(Double(range.lowerBound), 0), max(Double(range.upperBound), 0))
    let scale = Float((high - low) / 255)
    let step = scale.isNormal ? scale : 1
    let zero = (-low / Double(step)).rounded(.toNearestOrEven)
    self.init(scale: step, zeroPoint: UInt8(min(max(zero, 0), 255)))
  }

  /// The smallest and the largest number that a byte stands for.
  package var range: ClosedRange<Float> { real(0)...real(255) }
}
