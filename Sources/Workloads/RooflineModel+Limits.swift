extension RooflineModel {
  /// What limits the engine that comes nearest to its ceiling, over all cases placed under it.
  package struct Limits: Sendable {
    package let engine: String
    /// Cases of that engine by their bound; without those that bind none.
    package let counts: [Bound: Int]
    /// Index of its case that loses most time to the ceiling, among all that were given; nil where none
    /// loses any.
    package let worst: Int?
    /// That case's share of all time that the engine's cases lose, in percent.
    package let worstPercent: Double

    /// - Parameter cases: Each with its engine; of engines that come equally near, the first by name
    ///   is taken.
    package init?(_ cases: [(engine: String, place: Placement)]) {
      let nearness = Dictionary(grouping: cases, by: \.engine).mapValues { cases in
        cases.reduce(0) { $0 + $1.place.percentOfRoof } / Double(cases.count)
      }
      guard let engine = nearness.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else {
        return nil
      }
      let own = cases.indices.filter { cases[$0].engine == engine }
      let total = own.reduce(0) { $0 + cases[$1].place.lostMs }
      let worst = total > 0 ? own.max { cases[$0].place.lostMs < cases[$1].place.lostMs } : nil
      self.engine = engine
      counts = Dictionary(grouping: own, by: { cases[$0].place.bound }).mapValues(\.count)
      self.worst = worst
      worstPercent = worst.map { 100 * cases[$0].place.lostMs / total } ?? 0
    }
  }
}
