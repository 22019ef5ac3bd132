/// One shift from several processes, each with its own estimate and error.
///
/// The plain t interval lets one disturbed process widen the whole. Here a process whose own pairs
/// are noisier than the median process's counts less, and none counts more: weights are
/// `1 / (τ² + s_i²)`, with `s_i` floored at the median error and the variance between processes `τ²`
/// by DerSimonian and Laird (1986). The interval is Hartung and Knapp's t (2001), whose width comes
/// from how far the processes really lie apart. With equal errors it is the plain t interval.
package struct ProcessPooling: Hashable, Sendable {
  /// The pooled shift, on the scale of its inputs.
  package let estimate: Double
  package let standardError: Double
  /// One fewer than the processes.
  package let degreesOfFreedom: Double

  /// Pools at least two processes' estimates.
  package init?(_ processes: [(estimate: Double, standardError: Double)]) {
    let count = processes.count
    guard count >= 2 else { return nil }
    let floor = Quantile.median(of: processes.map(\.standardError))
    let variances = processes.map { max($0.standardError, floor) * max($0.standardError, floor) }
    let estimates = processes.map(\.estimate)
    // Without any error within the processes, all weigh the same.
    let usable = variances.allSatisfy { $0 > 0 }
    var weights = usable ? variances.map { 1 / $0 } : estimates.map { _ in 1 }
    if usable {
      let between = Self.betweenVariance(estimates, weights: weights)
      weights = variances.map { 1 / ($0 + between) }
    }
    let total = weights.reduce(0, +)
    let mean = zip(weights, estimates).reduce(0) { $0 + $1.0 * $1.1 } / total
    let spread = zip(weights, estimates).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    degreesOfFreedom = Double(count - 1)
    estimate = mean
    standardError = (spread / degreesOfFreedom / total).squareRoot()
  }

  package func halfWidth(confidence: Double) -> Double {
    standardError * StudentT.quantile(0.5 + confidence / 2, degreesOfFreedom: degreesOfFreedom)
  }

  /// One-sided p value of the shift being no larger than `bound`.
  package func pValue(above bound: Double) -> Double {
    guard standardError > 0 else { return estimate > bound ? 0 : 1 }
    let t = (estimate - bound) / standardError
    let twoSided = StudentT.pValue(t, degreesOfFreedom: degreesOfFreedom)
    return t > 0 ? twoSided / 2 : 1 - twoSided / 2
  }

  /// The variance between processes by the method of moments; 0 where chance explains it all.
  private static func betweenVariance(_ estimates: [Double], weights: [Double]) -> Double {
    let total = weights.reduce(0, +)
    let mean = zip(weights, estimates).reduce(0) { $0 + $1.0 * $1.1 } / total
    let q = zip(weights, estimates).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) }
    let scale = total - weights.reduce(0) { $0 + $1 * $1 } / total
    return scale > 0 ? max(0, (q - Double(estimates.count - 1)) / scale) : 0
  }
}
