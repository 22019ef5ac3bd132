import Harness
import History

extension Document {
  /// The trends of many cases on one screen, a row a case, what moved first; of one or two cases
  /// all that there is.
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
    let machines = Set(trends.map(\.machine)).sorted()
    let kept = machines.count == 1 ? "machine \(machines[0])" : "\(machines.count) machines"
    self.init(
      title: "History of \(trends.count) cases",
      subtitle: "Times per call on \(kept); runs of other machines are left out, never compared.",
      answer: "\(trends.count) cases; the latest run of \(suspects == 0 ? "none" : "\(suspects)") "
        + "lies far from the runs before it, and "
        + "\(moved == 0 ? "none has" : moved == 1 ? "1 has" : "\(moved) have") a step.",
      blocks: [.table(Self.table(ranked))])
  }

  private static func table(_ trends: [Trend]) -> DataTable {
    DataTable(
      id: "trends", caption: "What moved first; \(needsOfAStep)",
      columns: [
        .init("Case"), .init("Runs", isNumber: true), .init("Course", rank: 1),
        .init("Latest", isNumber: true), .init("Last step", isNumber: true),
        .init("Robust z", isNumber: true, rank: 2),
      ],
      rows: trends.map { trend in
        [
          .init(trend.caseID, tone: .code),
          .init(count: trend.points.count),
          .init(TerminalReport.sparkline(trend.points.suffix(16).map(\.medianNs))),
          .init(
            trend.points.last.map { Units.nanoseconds($0.medianNs) } ?? "–",
            number: trend.points.last?.medianNs),
          cell(step: trend.lastStep),
          .init(
            trend.surprise.map { Units.number($0, digits: 2) } ?? "n/a", number: trend.surprise),
        ]
      })
  }
}
