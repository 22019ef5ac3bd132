/// Which tail percentiles a sample can support: MLPerf Inference's early-stopping rule.
///
/// With `n` queries of which `t` took longer than a value, that value bounds percentile `p` with
/// confidence `c` when `I(p; n − t, t + 1) ≤ 1 − c`, I being the regularised incomplete beta
/// function (MLPerf Inference rules, appendix on early stopping; c = 0.99, tolerance d = 0).
/// Fewer queries give no percentile at all rather than a guess.
package enum PercentileRule {
  /// The confidence that MLPerf asks for.
  package static let confidence = 0.99

  /// The smallest number of queries at which `overlatency` of them may exceed the bound.
  ///
  /// - Parameters:
  ///   - percentile: Such as 0.99.
  ///   - overlatency: Queries that took longer; MLPerf discards one fewer.
  /// - Returns: 64, 130 and 662 for the 90th, 95th and 99th percentile with an overlatency of 1.
  package static func minimumQueries(percentile: Double, overlatency: Int = 1) -> Int {
    precondition(percentile > 0 && percentile < 1, "percentile \(percentile)")
    precondition(overlatency >= 0, "overlatency \(overlatency)")
    var n = overlatency + 1
    while !allows(n, percentile: percentile, overlatency: overlatency) { n += 1 }
    return n
  }

  /// Whether `overlatency` slow queries out of `queries` still bound the percentile.
  static func allows(_ queries: Int, percentile: Double, overlatency: Int) -> Bool {
    guard overlatency < queries else { return false }
    let probability = SpecialFunctions.incompleteBeta(
      Double(queries - overlatency), Double(overlatency + 1), percentile)
    return probability <= 1 - confidence
  }

  /// The percentile's conservative estimate.
  ///
  /// - Parameters:
  ///   - percentile: Such as 0.99.
  ///   - sorted: Latencies, ascending.
  /// - Returns: One of the latencies, or nil where there are too few for one.
  package static func estimate(_ percentile: Double, ofSorted sorted: [Double]) -> Double? {
    let n = sorted.count
    guard n > 1, allows(n, percentile: percentile, overlatency: 1) else { return nil }
    var (low, high) = (1, n - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if allows(n, percentile: percentile, overlatency: middle) {
        low = middle
      } else {
        high = middle - 1
      }
    }
    // The `low − 1` largest are discarded; the next one is the estimate.
    return sorted[n - low]
  }

  /// The latencies of a record from nanoseconds per call, with what each missing one needs.
  package static func latency(ofNs samples: [Double]) -> CaseRecord.Latency {
    let sorted = samples.sorted()
    var needs: [String: Int] = [:]
    let value: (String, Double) -> Double? = { name, percentile in
      if let ns = estimate(percentile, ofSorted: sorted) { return ns / 1e6 }
      needs[name] = minimumQueries(percentile: percentile)
      return nil
    }
    let (p90, p95, p99) = (value("p90", 0.90), value("p95", 0.95), value("p99", 0.99))
    return CaseRecord.Latency(
      p50: sorted.isEmpty ? nil : Quantile.quantile(0.5, ofSorted: sorted) / 1e6,
      p90: p90, p95: p95, p99: p99, needs: needs)
  }
}
