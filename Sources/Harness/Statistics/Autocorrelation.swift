/// How much a series of samples resembles itself a step later, and what that leaves of its size.
package enum Autocorrelation {
  /// The number of independent samples that carry as much as these do:
  /// `n / (1 + 2 Σ ρ_k)`, summed in pairs while `ρ_k + ρ_{k+1} > 0`
  /// (Geyer, Practical Markov Chain Monte Carlo, 1992), and up to lag 1000.
  ///
  /// - Returns: Between 1 and `values.count`; 0 for an empty series.
  package static func effectiveSampleSize(_ values: [Double]) -> Double {
    let n = values.count
    guard n >= 4 else { return Double(n) }
    let mean = values.reduce(0, +) / Double(n)
    let centered = values.map { $0 - mean }
    let variance = centered.reduce(0) { $0 + $1 * $1 }
    guard variance > 0 else { return Double(n) }
    func coefficient(lag: Int) -> Double {
      var covariance = 0.0
      for index in 0..<(n - lag) { covariance += centered[index] * centered[index + lag] }
      return covariance / variance
    }
    var sum = 0.0
    var lag = 1
    while lag + 1 < min(n / 2, 1000) {
      let pair = coefficient(lag: lag) + coefficient(lag: lag + 1)
      guard pair > 0 else { break }
      sum += pair
      lag += 2
    }
    return min(Double(n), max(1, Double(n) / (1 + 2 * sum)))
  }
}
