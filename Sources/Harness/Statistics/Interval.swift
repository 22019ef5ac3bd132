import Foundation

/// An estimate of a positive quantity with the interval around it.
package struct Interval: Codable, Hashable, Sendable {
  package var estimate: Double
  package var low: Double
  package var high: Double

  package var relativeHalfWidth: Double {
    estimate == 0 ? .infinity : (high - low) / (2 * abs(estimate))
  }

  /// The t interval of the mean of `values`.
  ///
  /// - Parameters:
  ///   - values: Independent, at least 2.
  ///   - confidence: Such as 0.95.
  /// - Returns: nil for fewer than 2 values.
  package static func t(_ values: [Double], confidence: Double) -> Interval? {
    guard values.count >= 2 else { return nil }
    let n = Double(values.count)
    let (mean, squaredError) = Welch.meanAndSquaredError(values)
    let error = squaredError.squareRoot()
    let half = error * StudentT.quantile(0.5 + confidence / 2, degreesOfFreedom: n - 1)
    return Interval(estimate: mean, low: mean - half, high: mean + half)
  }

  /// The t interval of the geometric mean: `t` on the logarithms, brought back.
  ///
  /// For one value per process it answers what another process would give, which no interval from
  /// pooled samples can.
  package static func geometric(_ values: [Double], confidence: Double) -> Interval? {
    precondition(values.allSatisfy { $0 > 0 }, "a geometric mean of values not above 0")
    guard let logs = t(values.map { log($0) }, confidence: confidence) else { return nil }
    return Interval(estimate: exp(logs.estimate), low: exp(logs.low), high: exp(logs.high))
  }

  /// The interval of the median of one process's series, from the medians of consecutive blocks.
  ///
  /// Neighbouring samples resemble each other, so an interval from single samples would be several
  /// times too narrow; blocks carry that dependence inside them. It still knows only one process
  /// and is called provisional wherever it is shown.
  ///
  /// - Parameters:
  ///   - samples: In order of time, all above 0.
  ///   - confidence: Such as 0.95.
  /// - Returns: nil where there are fewer than 8 samples, hence fewer than 8 blocks.
  package static func blocks(_ samples: [Double], confidence: Double) -> Interval? {
    guard samples.count >= 8 else { return nil }
    // As few as support an interval, so that each is long, and up to 16 of many samples.
    let count = min(16, max(8, samples.count / 8))
    let medians = (0..<count).map { block in
      let (first, end) = (block * samples.count / count, (block + 1) * samples.count / count)
      return Quantile.median(of: Array(samples[first..<end]))
    }
    guard var interval = geometric(medians, confidence: confidence) else { return nil }
    // The figure shown beside it is the median of all samples: it may not lie outside.
    interval.estimate = Quantile.median(of: samples)
    interval.low = min(interval.low, interval.estimate)
    interval.high = max(interval.high, interval.estimate)
    return interval
  }
}
