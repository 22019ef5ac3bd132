import Harness
import History

extension Document {
  /// The trends of many cases on one screen, a row a case, what moved first; of one or two cases all
  /// that there is.
  package init(trendsOnScreen trends: [Trend]) {
    guard trends.count > 2 else {
      self.init(trends: trends)
      return
    }
    let ranked = trends.enumerated().sorted { first, second in
      (first.element.weight, -first.offset) > (second.element.weight, -second.offset)
    }.map(\.element)
    let suspects = trends.count(where: \.isSuspect)
    let moved = trends.count { $0.pieces.count > 1 }
    var lead = "\(trends.count) cases; "
    lead += suspects == 0 ? "the latest run of none" : "the latest run of \(suspects)"
    lead += " lies far from the runs before it, and \(moved == 0 ? "none has" : "\(moved) have")"
    lead += " a step."
    let machines = Set(trends.map(\.machine)).sorted()
    let kept = machines.count == 1 ? "machine \(machines[0])" : "\(machines.count) machines"
    self.init(
      title: "History of \(trends.count) cases",
      subtitle: "Times per call on \(kept); runs of other machines are left out, never compared.",
      sections: [
        Section(
          id: "answer", title: "Trends", short: "Trends", lead: lead,
          blocks: [.table(Self.table(ranked))])
      ])
  }

  private static func table(_ trends: [Trend]) -> DataTable {
    DataTable(
      id: "trends", caption: "What moved first; \(needsOfAStep)",
      columns: [
        .init("Case"), .init("Runs", isNumber: true), .init("Course", rank: 1),
        .init("Latest", isNumber: true), .init("Last step", isNumber: true),
        .init("Deviations", isNumber: true, rank: 2),
      ],
      rows: trends.map { trend in
        let step = trend.lastStep
        return [
          .init(trend.caseID, tone: .code),
          .init("\(trend.points.count)", number: Double(trend.points.count)),
          .init(TerminalReport.sparkline(trend.points.suffix(16).map(\.medianNs))),
          .init(
            trend.points.last.map { Units.nanoseconds($0.medianNs) } ?? "–",
            number: trend.points.last?.medianNs),
          .init(
            step.map { ($0 > 0 ? "+" : "") + Units.percent(100 * $0) } ?? "–", number: step,
            tone: step.map { $0 > 0 ? .bad : .good } ?? .plain),
          .init(
            trend.surprise.map { Units.number($0, digits: 2) } ?? "n/a", number: trend.surprise),
        ]
      })
  }
}

extension Trend {
  /// How much there is to say of it: of a suspect by how far it lies off, else by its last step.
  fileprivate var weight: Double {
    isSuspect ? 1_000 + abs(surprise ?? 0) : abs(lastStep ?? 0)
  }
}
