import Foundation
import Harness

/// A straight line through the logarithms of dated values, by least squares, with an interval.
///
/// The interval is Student's t with n − 2 degrees of freedom on the slope. It describes how well
/// one factor a year fits these points; record values follow one another and are no independent
/// sample, so it is no forecast.
package struct LogLinearFit: Hashable, Sendable {
  /// What a value multiplies by in a year.
  package let annualFactor: Double
  /// 95 % interval of the factor.
  package let interval: ClosedRange<Double>
  /// What a value multiplies by in a year from the first point to the last, whatever lies between.
  ///
  /// Another question than `annualFactor`, which all points answer, and so another figure.
  package let endToEndFactor: Double
  /// First and last day of the points.
  package let days: ClosedRange<Day>
  package let count: Int
  /// The line's value on the first day.
  package let start: Double
  /// Share of the variance of the logarithms that the line explains.
  package let rSquared: Double
  /// What the band is made of: the mean day in years after the first, the points' spread about it,
  /// and Student's t times the residual deviation.
  private let meanYears: Double
  private let spread: Double
  private let reach: Double

  /// Nil with fewer than three points, a value of 0 or below, or all points on one day.
  package init?(_ points: [(day: Day, value: Double)]) {
    guard points.count >= 3, points.allSatisfy({ $0.value > 0 }),
      let oldest = points.min(by: { $0.day < $1.day }),
      let newest = points.max(by: { $0.day < $1.day }), oldest.day < newest.day
    else { return nil }
    let (first, last) = (oldest.day, newest.day)
    endToEndFactor = pow(newest.value / oldest.value, 1 / first.years(to: last))
    let x = points.map { first.years(to: $0.day) }
    let y = points.map { log($0.value) }
    let n = Double(points.count)
    let (meanX, meanY) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    let sxx = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
    let sxy = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    let syy = y.reduce(0) { $0 + ($1 - meanY) * ($1 - meanY) }
    let slope = sxy / sxx
    let residual = max(0, syy - slope * sxy)
    let deviation = (residual / (n - 2)).squareRoot()
    reach = StudentT.quantile(0.975, degreesOfFreedom: n - 2) * deviation
    (meanYears, spread) = (meanX, sxx)
    let slopeReach = reach / sxx.squareRoot()
    annualFactor = exp(slope)
    interval = exp(slope - slopeReach)...exp(slope + slopeReach)
    days = first...last
    count = points.count
    start = exp(meanY - slope * meanX)
    rSquared = syy > 0 ? 1 - residual / syy : 1
  }

  /// The 95 % band of the line on a day: where the mean of the logarithms lies, for these points.
  ///
  /// Draper and Smith, "Applied Regression Analysis", 3rd edition, section 3.1.
  package func band(on day: Day) -> ClosedRange<Double> {
    let years = days.lowerBound.years(to: day)
    let distance = years - meanYears
    let half = reach * (1 / Double(count) + distance * distance / spread).squareRoot()
    let centre = start * pow(annualFactor, years)
    return centre * exp(-half)...centre * exp(half)
  }

  /// Months of 30.436875 days in which the line doubles; negative where it falls.
  package var doublingMonths: Double { log(2) / log(annualFactor) * 365.25 / 30.436875 }
}
