extension Report {
  /// Earlier runs of the headline cases on the same machine.
  var historySection: Document.Section? {
    let trends = history.map(\.caseID).unique.map { id in history.filter { $0.caseID == id } }
      .filter { $0.count > 1 }
    guard !trends.isEmpty else { return nil }
    let charts = trends.enumerated().map { historyChart($1, number: $0 + 1) }
    return Document.Section(
      id: "history-section", title: "History", short: "History",
      lead: "Runs of the headline cases on this very machine and build environment, from the "
        + "history's database. A trend suggests a re-run and is never a verdict: 'costcurve "
        + "compare' gives one.",
      blocks: [.sparks(trends.map { spark($0) })] + charts.map { .chart($0) }
        + charts.map { .folded(table(of: $0, id: "\($0.id)-data")) })
  }

  private func spark(_ runs: [HistoryRun]) -> Document.Spark {
    let last = runs.last?.itemsPerSecond ?? 0
    let unit = Self.unit(of: runs)
    return .init(
      label: runs.first?.caseID ?? "", values: runs.map(\.itemsPerSecond),
      text: "\(runs.count) runs, latest \(NumberFormat.significant(last)) \(unit)\(step(runs))")
  }

  private static func unit(of runs: [HistoryRun]) -> String {
    (runs.first?.item ?? .image).rateUnit
  }

  /// The last step between two levels, where there is one.
  private func step(_ runs: [HistoryRun]) -> String {
    guard let step = runs.last?.step else { return "" }
    return ", last step \(step > 0 ? "+" : "−")\(NumberFormat.significant(abs(100 * step))) %"
  }

  private func historyChart(_ runs: [HistoryRun], number: Int) -> Chart {
    func x(_ run: HistoryRun) -> Double { CalendarDay.parse(run.date) ?? .nan }
    let levels = runs.compactMap { run in run.level.map { Chart.Point(x: x(run), y: $0) } }
    let (id, unit) = (runs.first?.caseID ?? "", Self.unit(of: runs))
    return Chart(
      id: "history-\(number)", title: "History of \(id)",
      summary: "\(runs.count) runs\(step(runs)); the line is the level between steps.",
      x: .init("Date", kind: .time), y: .init("Rate", unit: unit, fromZero: true),
      series: [
        .init(id: "level", name: "level", colour: .blue, form: .steps, points: levels),
        .init(
          id: "runs", name: "runs", colour: .accent, form: .points(.circle),
          points: runs.map { run in
            .init(
              x: x(run), y: run.itemsPerSecond, interval: Wording.range(run.interval),
              detail: "\(run.date.prefix(16)): \(NumberFormat.significant(run.itemsPerSecond)) "
                + "\(Wording.interval(run.interval)) \(unit)\(run.commit.map { ", \($0)" } ?? "")")
          }),
      ], height: 240, isSmall: true)
  }
}
