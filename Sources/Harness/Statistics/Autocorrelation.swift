/// How much a series of samples resembles itself a step later, and what that leaves of its size.
package enum Autocorrelation {
  /// The correlation of the series with itself `lag` samples later.
  ///
  /// - Returns: Between −1 and 1; 0 for a constant series.
  package static func coefficient(_ values: [Double], lag: Int) -> Double {
    precondition(lag >= 0 && lag < values.count, "lag \(lag) in \(values.count) values")
    return Centered(values).coefficient(lag: lag)
  }

  /// The number of independent samples that carry as much as these do:
  /// `n / (1 + 2 Σ ρ_k)`, summed in pairs while `ρ_k + ρ_{k+1} > 0`
  /// (Geyer, Practical Markov Chain Monte Carlo, 1992), and up to lag 1000.
  ///
  /// - Returns: Between 1 and `values.count`; 0 for an empty series.
  package static func effectiveSampleSize(_ values: [Double]) -> Double {
    let n = values.count
    guard n >= 4 else { return Double(n) }
    let centered = Centered(values)
    var sum = 0.0
    var lag = 1
    while lag + 1 < min(n / 2, 1000) {
      let pair = centered.coefficient(lag: lag) + centered.coefficient(lag: lag + 1)
      guard pair > 0 else { break }
      sum += pair
      lag += 2
    }
    return min(Double(n), max(1, Double(n) / (1 + 2 * sum)))
  }

  /// A series with its mean taken away, once for all lags.
  private struct Centered {
    let values: [Double]
    let variance: Double

    init(_ series: [Double]) {
      let mean = series.reduce(0, +) / Double(series.count)
      values = series.map { $0 - mean }
      variance = values.reduce(0) { $0 + $1 * $1 }
    }

    func coefficient(lag: Int) -> Double {
      guard variance > 0 else { return 0 }
      var covariance = 0.0
      for index in 0..<(values.count - lag) { covariance += values[index] * values[index + lag] }
      return covariance / variance
    }
  }
}
