import Foundation

/// A shift between two arms on the log scale, with its interval.
package struct Shift: Hashable, Sendable {
  package let estimate: Double
  package let halfWidthLow: Double
  package let halfWidthHigh: Double
  /// nil where the interval rests on one process.
  package let pooling: ProcessPooling?

  /// Of the medians of processes where there are two or more, else by the signed-rank test within
  /// the one; nil where there is too little for an interval.
  ///
  /// - Parameters:
  ///   - processes: The log ratios of each process, in blocks; empty ones are skipped.
  ///   - confidence: Such as 0.99.
  package init?(processes: [[Double]], confidence: Double) {
    let filled = processes.filter { !$0.isEmpty }
    if let pooling = ProcessPooling(filled.map { SampleMedian.estimateWithError($0) }) {
      self.pooling = pooling
      estimate = pooling.estimate
      halfWidthLow = pooling.halfWidth(confidence: confidence)
      halfWidthHigh = halfWidthLow
    } else if let only = filled.first,
      let interval = SignedRank.interval(only, confidence: confidence)
    {
      pooling = nil
      estimate = interval.estimate
      halfWidthLow = interval.estimate - interval.low
      halfWidthHigh = interval.high - interval.estimate
    } else {
      return nil
    }
  }

  package var low: Double { estimate - halfWidthLow }
  package var high: Double { estimate + halfWidthHigh }
  package var halfWidth: Double { (halfWidthLow + halfWidthHigh) / 2 }
  /// B's time over A's.
  package var ratio: Double { exp(estimate) }
  package var ratioInterval: [Double] { [exp(low), exp(high)] }
}
