import Basics

/// What is known of the numbers that a value had in calibration.
package struct ValueStatistics: Sendable {
  /// Bins of the histogram: eight for each step of a byte.
  package static let binCount = 2048

  /// The smallest and the largest number; above and below 0 where there was none yet.
  package private(set) var (low, high): (Float, Float) = (.infinity, -.infinity)
  /// How many numbers lie in each equal part between the two; empty until some are counted.
  package private(set) var bins: [Int] = []

  /// Starts with no number.
  package init() {}

  /// Widens the range by some numbers.
  ///
  /// - Parameters:
  ///   - numbers: Any.
  ///   - name: Of the value, for a sentence.
  /// - Throws: A number that is not finite.
  package mutating func widen(
    by numbers: UnsafeBufferPointer<Float>, of name: String
  ) throws(Problem) {
    var (low, high) = (low, high)
    var sum: Float = 0
    for number in numbers {
      low = number < low ? number : low
      high = number > high ? number : high
      // Of what is finite this is 0; of NaN and infinities it is none.
      sum += number * 0
    }
    guard sum == 0 else {
      throw Problem(
        .malformed,
        "calibration gives numbers that are not finite at \(name); check that weights and images "
          + "belong together")
    }
    (self.low, self.high) = (low, high)
  }

  /// Counts some numbers; those beyond the range, of a file that changed since, as its ends, and what is
  /// no number as the lower one.
  package mutating func count(_ numbers: UnsafeBufferPointer<Float>) {
    let (low, width) = (low, high - low)
    let factor = Float(Self.binCount) / width
    // Of a range too narrow or too wide for float32 all of it counts.
    guard width > 0, width.isFinite, factor.isFinite else { return }
    if bins.isEmpty { bins = [Int](repeating: 0, count: Self.binCount) }
    bins.withUnsafeMutableBufferPointer { bins in
      for number in numbers {
        let place = (number - low) * factor
        // The comparison is false of NaN; an Int of it, or of what is beyond its range, would trap.
        bins[place > 0 ? Int(min(place, Float(Self.binCount - 1))) : 0] += 1
      }
    }
  }

  /// The numbers in the middle of a bin.
  private func middle(_ bin: Int) -> Double {
    Double(low) + (Double(high) - Double(low)) * (Double(bin) + 0.5) / Double(Self.binCount)
  }

  /// What bytes are to cover.
  ///
  /// - Parameter method: How much of the range counts.
  /// - Returns: A part of the range, or all of it where nothing was counted; 0 for no numbers.
  package func range(by method: CalibrationMethod) -> ClosedRange<Float> {
    guard low <= high else { return 0...0 }
    guard !bins.isEmpty, low < high else { return low...high }
    switch method {
    case .minMax: return low...high
    case .percentile(let percent): return percentile(percent)
    case .mse: return leastError()
    }
  }

  /// The range without as many numbers on each side as are beyond a percentile, half of them each.
  private func percentile(_ percent: Double) -> ClosedRange<Float> {
    let total = Double(bins.reduce(0, +))
    let cut = total * (100 - percent) / 200
    func skipped(_ order: some Sequence<Int>) -> Int {
      var (sum, count) = (0.0, 0)
      for bin in order {
        sum += Double(bins[bin])
        guard sum <= cut else { break }
        count += 1
      }
      return count
    }
    let width = (Double(high) - Double(low)) / Double(Self.binCount)
    let (before, after) = (skipped(bins.indices), skipped(bins.indices.reversed()))
    return Float(Double(low) + Double(before) * width)...Float(Double(high) - Double(after) * width)
  }

  /// Of the range and narrower ones around 0 the one whose bytes are nearest to the numbers, by the
  /// mean of the squared distance.
  private func leastError() -> ClosedRange<Float> {
    let (least, most) = (min(Double(low), 0), max(Double(high), 0))
    var best = (error: Double.infinity, share: 1.0)
    for percent in (30...100).reversed() {
      let share = Double(percent) / 100
      let (first, last) = (least * share, most * share)
      let step = (last - first) / 255
      guard step > 0 else { break }
      var error = 0.0
      for (bin, count) in bins.enumerated() where count > 0 {
        let number = middle(bin)
        let bounded = min(max(number, first), last)
        let nearest = first + ((bounded - first) / step).rounded() * step
        error += Double(count) * (number - nearest) * (number - nearest)
      }
      if error < best.error { best = (error, share) }
    }
    return Float(least * best.share)...Float(most * best.share)
  }
}
