/// What nothing else beats in two figures at once.
package enum ParetoFront {
  /// The points that no other is at least as low as in both figures and lower in one.
  ///
  /// - Parameter points: Both figures are the better the lower they are.
  /// - Returns: Their places, by rising first figure.
  package static func places(of points: [(first: Double, second: Double)]) -> [Int] {
    points.indices.filter { place in
      !points.contains { other in
        other.first <= points[place].first && other.second <= points[place].second
          && (other.first < points[place].first || other.second < points[place].second)
      }
    }.sorted { points[$0].first < points[$1].first }
  }
}
