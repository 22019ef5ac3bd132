/// Order statistics of a sample.
///
/// Quantiles are used instead of the mean because timing noise only ever adds time.
package enum Quantile {
  /// The `q`-quantile by linear interpolation between order statistics (R's type 7).
  ///
  /// - Parameters:
  ///   - q: Between 0 and 1; 0.5 is the median.
  ///   - sorted: Ascending, not empty, no NaN.
  /// - Returns: A value inside `sorted.first ... sorted.last`; exact when `q · (n − 1)` is whole.
  package static func quantile(_ q: Double, ofSorted sorted: [Double]) -> Double {
    precondition(!sorted.isEmpty, "a quantile of no values")
    precondition(q >= 0 && q <= 1, "quantile \(q) is outside 0...1")
    let position = q * Double(sorted.count - 1)
    let lower = Int(position.rounded(.down))
    let upper = min(lower + 1, sorted.count - 1)
    let fraction = position - Double(lower)
    return sorted[lower] + fraction * (sorted[upper] - sorted[lower])
  }

  /// The `q`-quantile of values in any order.
  package static func quantile(_ q: Double, of values: [Double]) -> Double {
    quantile(q, ofSorted: values.sorted())
  }

  /// The middle value, or the mean of the two middle ones.
  package static func median(of values: [Double]) -> Double {
    quantile(0.5, ofSorted: values.sorted())
  }

  /// The median distance from the median.
  ///
  /// Times 1.4826 it estimates a normal's deviation.
  package static func medianAbsoluteDeviation(of values: [Double]) -> Double {
    let center = median(of: values)
    return median(of: values.map { abs($0 - center) })
  }

  /// The distance between the quartiles over the median: a spread without a unit.
  package static func relativeInterquartileRange(of values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = quantile(0.5, ofSorted: sorted)
    guard middle != 0 else { return 0 }
    return (quantile(0.75, ofSorted: sorted) - quantile(0.25, ofSorted: sorted)) / middle
  }
}
