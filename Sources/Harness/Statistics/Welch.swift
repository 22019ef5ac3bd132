/// Welch's t test of two unpaired samples.
///
/// Here only to show what it does to timings taken one after the other: their neighbours resemble
/// each other, so it calls identical code different far more often than its level says.
package enum Welch {
  /// The two-sided p value; 1 for fewer than two values on a side.
  package static func pValue(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count >= 2, b.count >= 2 else { return 1 }
    let (meanA, errorA) = meanAndSquaredError(a)
    let (meanB, errorB) = meanAndSquaredError(b)
    let total = errorA + errorB
    guard total > 0 else { return meanA == meanB ? 1 : 0 }
    let degrees =
      total * total
      / (errorA * errorA / Double(a.count - 1) + errorB * errorB / Double(b.count - 1))
    return StudentT.pValue((meanA - meanB) / total.squareRoot(), degreesOfFreedom: degrees)
  }

  private static func meanAndSquaredError(_ values: [Double]) -> (Double, Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) / n)
  }
}
