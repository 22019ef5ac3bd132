import Foundation

/// Welch's t test of two unpaired samples of independent values, such as runs of different seeds.
///
/// Timings taken one after the other are none: their neighbours resemble each other, so it calls
/// identical code different far more often than its level says, which `doctor` shows.
package enum Welch {
  /// The two-sided p value; 1 for fewer than two values on a side.
  package static func pValue(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count >= 2, b.count >= 2 else { return 1 }
    let (difference, error, degrees) = difference(a, b)
    guard error > 0 else { return difference == 0 ? 1 : 0 }
    return StudentT.pValue(difference / error, degreesOfFreedom: degrees)
  }

  /// The interval of the ratio of two geometric means: `t` on the difference of the logarithms.
  ///
  /// - Parameters:
  ///   - a: Above 0 and independent.
  ///   - b: As `a`; what `a` is divided by.
  ///   - confidence: Such as 0.95.
  /// - Returns: nil for fewer than 2 values on a side.
  package static func ratio(_ a: [Double], _ b: [Double], confidence: Double) -> Interval? {
    precondition((a + b).allSatisfy { $0 > 0 }, "a geometric mean of values not above 0")
    guard a.count >= 2, b.count >= 2 else { return nil }
    let (shift, error, degrees) = difference(a.map { log($0) }, b.map { log($0) })
    let half =
      error > 0 ? error * StudentT.quantile(0.5 + confidence / 2, degreesOfFreedom: degrees) : 0
    return Interval(estimate: exp(shift), low: exp(shift - half), high: exp(shift + half))
  }

  /// The difference of the means, its standard error, and its degrees of freedom.
  private static func difference(
    _ a: [Double], _ b: [Double]
  ) -> (shift: Double, error: Double, degrees: Double) {
    let (meanA, errorA) = meanAndSquaredError(a)
    let (meanB, errorB) = meanAndSquaredError(b)
    let total = errorA + errorB
    let degrees =
      total * total
      / (errorA * errorA / Double(a.count - 1) + errorB * errorB / Double(b.count - 1))
    return (meanA - meanB, total.squareRoot(), degrees)
  }

  static func meanAndSquaredError(_ values: [Double]) -> (mean: Double, squaredError: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1) / n)
  }
}
