import Harness

/// A figure with the ends between which it lies at 95 %, where these are known.
///
/// Ends of figures that were measured apart meet at their worst, so that together they are wide
/// rather than narrow.
package struct Estimate: Hashable, Sendable {
  package var value: Double
  /// Lower and upper end; nil where a rate beneath has none.
  package var ends: [Double]?

  package init(value: Double, ends: [Double]? = nil) { (self.value, self.ends) = (value, ends) }

  /// Seconds that some work takes at a rate.
  package init(_ work: Double, per rate: LocalMeasurement.Rate) {
    let ends = rate.interval.flatMap(CostModel.fastestFirst)
    self.init(value: work / rate.perSecond, ends: ends?.map { work / $0 })
  }

  static func * (left: Estimate, factor: Double) -> Estimate {
    Estimate(value: left.value * factor, ends: left.ends?.map { $0 * factor })
  }

  static func + (left: Estimate, right: Estimate) -> Estimate {
    guard let own = left.ends, let other = right.ends, own.count == 2, other.count == 2 else {
      return Estimate(value: left.value + right.value)
    }
    return Estimate(
      value: left.value + right.value, ends: [own[0] + other[0], own[1] + other[1]])
  }

  static func / (left: Estimate, right: Estimate) -> Estimate {
    Estimate(
      value: left.value / right.value,
      ends: Separation.ratio(of: left.ends, over: right.ends))
  }
}
