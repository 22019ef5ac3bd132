/// The median of all slopes between pairs: a trend that single bad samples cannot bend
/// (Theil 1950, Sen 1968).
package enum TheilSen {
  /// The slope per sample of an evenly spaced series of at least 2 values.
  package static func slope(_ values: [Double]) -> Double {
    precondition(values.count >= 2, "a slope through \(values.count) values")
    var slopes: [Double] = []
    slopes.reserveCapacity(values.count * (values.count - 1) / 2)
    for first in values.indices {
      for second in values.indices.suffix(from: first + 1) {
        slopes.append((values[second] - values[first]) / Double(second - first))
      }
    }
    return Quantile.median(of: slopes)
  }
}
