/// Which of several figures is the lowest, as far as their 95 % intervals tell.
package enum Separation: Hashable, Sendable {
  /// The interval of this one ends below where all others begin.
  case lowest(Int)
  case overlapping
  /// There are fewer than two figures, or one has no interval.
  case unknown

  /// Looks at intervals, each its lower and its upper end.
  package init(_ intervals: [[Double]?]) {
    let bounds = intervals.compactMap { $0.flatMap { $0.count == 2 ? $0 : nil } }
    guard bounds.count == intervals.count, bounds.count > 1,
      let best = bounds.indices.min(by: { bounds[$0][1] < bounds[$1][1] })
    else {
      self = .unknown
      return
    }
    let others = bounds.indices.filter { $0 != best }
    self = others.allSatisfy { bounds[best][1] < bounds[$0][0] } ? .lowest(best) : .overlapping
  }

  /// Looks for the highest figure instead, such as a rate: that one is `lowest` then.
  package init(ofHighest intervals: [[Double]?]) {
    self.init(
      intervals.map { (interval: [Double]?) -> [Double]? in
        guard let interval, interval.count == 2 else { return nil }
        return [-interval[1], -interval[0]]
      })
  }

  /// A ratio of two figures that were measured apart, from their ends: it leaves out 1 where the two
  /// are separate, and only there.
  ///
  /// - Parameters:
  ///   - interval: Of the dividend.
  ///   - other: Of the divisor, above 0.
  /// - Returns: Lower and upper end; nil where one has no interval.
  package static func ratio(of interval: [Double]?, over other: [Double]?) -> [Double]? {
    guard let interval, let other, interval.count == 2, other.count == 2, other[0] > 0 else {
      return nil
    }
    return [interval[0] / other[1], interval[1] / other[0]]
  }
}
