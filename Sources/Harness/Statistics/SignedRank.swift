/// Wilcoxon's signed-rank test of paired differences, and the interval that it inverts to.
package enum SignedRank {
  /// Differences up to which the null distribution is counted out rather than approximated.
  package static let exactLimit = 50

  /// Mean and standard deviation of the rank sum of `count` differences under no effect.
  static func moments(count: Int) -> (mean: Double, deviation: Double) {
    let n = Double(count)
    return (n * (n + 1) / 4, (n * (n + 1) * (2 * n + 1) / 24).squareRoot())
  }

  /// The sum of the ranks of the positive differences, zeros left out, ties sharing their mean rank.
  package static func statistic(
    _ differences: [Double]
  ) -> (sum: Double, count: Int, hasTies: Bool, tieCorrection: Double) {
    let kept = differences.filter { $0 != 0 }.sorted { abs($0) < abs($1) }
    var (sum, correction, hasTies) = (0.0, 0.0, false)
    var start = 0
    while start < kept.count {
      var end = start + 1
      while end < kept.count, abs(kept[end]) == abs(kept[start]) { end += 1 }
      let rank = Double(start + 1 + end) / 2
      sum += rank * Double(kept[start..<end].count { $0 > 0 })
      let size = Double(end - start)
      correction += size * size * size - size
      hasTies = hasTies || end - start > 1
      start = end
    }
    return (sum, kept.count, hasTies, correction)
  }

  /// The two-sided p value: exact up to 50 differences without ties, else by the normal
  /// approximation with tie correction and without continuity correction, as SciPy gives it.
  package static func pValue(_ differences: [Double]) -> Double {
    let (sum, count, hasTies, correction) = statistic(differences)
    guard count > 0 else { return 1 }
    if count <= exactLimit, !hasTies {
      let counts = nullCounts(count)
      let total = counts.reduce(0, +)
      let index = Int(sum.rounded())
      let below = counts[...index].reduce(0, +) / total
      let above = counts[index...].reduce(0, +) / total
      return min(1, 2 * min(below, above))
    }
    let n = Double(count)
    let variance = n * (n + 1) * (2 * n + 1) / 24 - correction / 48
    guard variance > 0 else { return 1 }
    let z = (sum - n * (n + 1) / 4) / variance.squareRoot()
    return min(1, 2 * SpecialFunctions.normalCDF(-abs(z)))
  }

  /// The one-sided p value of the shift being no larger than `bound`.
  package static func pValue(_ differences: [Double], above bound: Double) -> Double {
    let beyond = differences.map { $0 - bound }
    let (sum, count, hasTies, _) = statistic(beyond)
    if count > 0, count <= exactLimit, !hasTies {
      let counts = nullCounts(count)
      return counts[Int(sum.rounded())...].reduce(0, +) / counts.reduce(0, +)
    }
    let twoSided = pValue(beyond)
    return sum > moments(count: count).mean ? twoSided / 2 : 1 - twoSided / 2
  }

  /// The interval of the shift: those shifts that the test does not reject.
  ///
  /// Its ends are pairwise means, so no shape of distribution is assumed beyond symmetry.
  ///
  /// - Returns: Estimate and interval; nil for so few differences that the confidence cannot be had.
  package static func interval(_ differences: [Double], confidence: Double) -> Interval? {
    let n = differences.count
    guard n > 0 else { return nil }
    let rank = criticalRank(count: n, alpha: 1 - confidence)
    guard rank > 0 else { return nil }
    let averages = walshAverages(differences)
    return Interval(
      estimate: Quantile.quantile(0.5, ofSorted: averages), low: averages[rank - 1],
      high: averages[averages.count - rank])
  }

  /// All pairwise means, each value with itself included, ascending: their median is the estimate of
  /// Hodges and Lehmann (Estimates of Location Based on Rank Tests, 1963).
  private static func walshAverages(_ values: [Double]) -> [Double] {
    values.indices.flatMap { first in
      values[first...].map { 0.5 * (values[first] + $0) }
    }.sorted()
  }

  /// The largest `k` with `P(W < k) ≤ alpha / 2`, so that the k-th smallest mean is the lower end.
  static func criticalRank(count n: Int, alpha: Double) -> Int {
    if n <= exactLimit {
      let counts = nullCounts(n)
      let total = counts.reduce(0, +)
      var (rank, cumulative) = (0, 0.0)
      for number in counts {
        cumulative += number
        if cumulative / total > alpha / 2 { break }
        rank += 1
      }
      return rank
    }
    let (mean, deviation) = moments(count: n)
    let z = SpecialFunctions.normalQuantile(1 - alpha / 2)
    return max(0, Int((mean - z * deviation).rounded(.down)))
  }

  /// How many of the 2^n sign patterns give each rank sum from 0 to n(n+1)/2.
  private static func nullCounts(_ n: Int) -> [Double] {
    var counts = [1.0] + [Double](repeating: 0, count: n * (n + 1) / 2)
    for rank in 1...max(n, 1) where rank <= n {
      for sum in stride(from: counts.count - 1, through: rank, by: -1) {
        counts[sum] += counts[sum - rank]
      }
    }
    return counts
  }
}
