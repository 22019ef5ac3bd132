import Foundation
import Harness

/// Work of an older network over that of a newer one, over several runs of each.
struct WorkRatio {
  /// Of the geometric means.
  let ratio: Double
  /// Over independent runs; nil for fewer than two of either.
  let ci95: [Double]?
  /// The smallest and the largest ratio of one run of each.
  let range: [Double]
  /// Of the older and of the newer network.
  let runs: [Int]

  /// Compares the operations that each run took, all above 0; nil where either has no run.
  init?(older: [Double], newer: [Double]) {
    guard let least = older.min(), let most = older.max(), let few = newer.min(),
      let many = newer.max()
    else { return nil }
    func mean(_ values: [Double]) -> Double {
      exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
    }
    ratio = mean(older) / mean(newer)
    ci95 = Welch.ratio(older, newer, confidence: 0.95).map { [$0.low, $0.high] }
    range = [least / many, most / few]
    runs = [older.count, newer.count]
  }
}
