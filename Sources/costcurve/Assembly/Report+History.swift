import Basics
import History
import Reporter

extension Report {
  /// As many of a case's latest runs as a chart can show apart.
  private static let chartedRuns = 60

  /// Adds the machine's earlier runs; a history that nobody named may be absent or unreadable.
  mutating func addHistory(
    of machine: Fingerprint, from history: HistoryOptions, note: (String) -> Void
  ) throws {
    do {
      try addHistory(of: machine, from: try history.existing())
    } catch let problem as Problem where history.database == nil {
      if problem.kind != .absent { note("costcurve: \(problem)") }
    }
  }

  /// Adds how the headline cases went in the earlier runs of the same machine and build.
  ///
  /// - Parameters:
  ///   - fingerprint: The machine and build, as measured: a redacted record has another.
  ///   - store: The history; runs of other machines stay out.
  /// - Throws: `Problem` for a damaged database.
  mutating func addHistory(of fingerprint: Fingerprint, from store: Store) throws {
    let machine = fingerprint.key
    let headlines = [record.cheapestInference, record.cheapestTraining].compactMap { $0 }
    for item in headlines {
      guard let rate = item.derived.rate, let statistics = item.statistics,
        try store.machines(of: item.id).contains(machine)
      else { continue }
      // Items of one call; the history keeps times.
      let items = rate * statistics.medianNs
      let trend = try store.trend(of: item.id, machine: machine)
      let first = max(0, trend.points.count - Report.chartedRuns)
      let commits = try store.commits(of: trend.points[first...].map(\.run))
      for (piece, step) in zip(trend.pieces, trend.steps) {
        history += piece.range.filter { $0 >= first }.map { index in
          let point = trend.points[index]
          return HistoryRun(
            caseID: item.id, date: point.date, itemsPerSecond: items / point.medianNs,
            item: item.derived.workItem,
            interval: point.intervalNs.map { bounds in bounds.map { items / $0 }.sorted() },
            commit: commits[point.run].map { String($0.prefix(12)) }, level: items / piece.level,
            // Of times, of which rates are the inverse.
            step: step.map { 1 / (1 + $0) - 1 })
        }
      }
    }
  }
}
