extension Report {
  /// A real run to an accuracy.
  var learningSection: Document.Section? {
    guard let learning, !learning.epochs.isEmpty else { return nil }
    let chart = Chart(
      id: "learning", title: "Learning curve: \(learning.title)",
      summary: "Test accuracy after each of \(learning.epochs.count) epochs.",
      x: .init("Time", unit: "hours", fromZero: true),
      y: .init("Test accuracy", unit: "%", format: .percent),
      series: [
        .init(
          id: "top1", name: "top-1 accuracy", colour: .accent, form: .lineAndPoints(.circle),
          points: learning.epochs.map { epoch in
            .init(
              x: epoch.hours, y: epoch.top1 * 100,
              label: epoch.number == learning.epochs.last?.number
                ? "\(NumberFormat.significant(epoch.top1 * 100, digits: 4)) %" : nil,
              detail:
                "epoch \(epoch.number): \(NumberFormat.significant(epoch.top1 * 100, digits: 4))"
                + " %, loss \(NumberFormat.significant(epoch.loss))", rank: 5)
          })
      ], height: 320)
    let table = DataTable(
      id: "learning-data", caption: "Epochs of the run",
      columns: [
        .init("Epoch", isNumber: true), .init("Time", unit: "hours", isNumber: true),
        .init("Loss", isNumber: true), .init("Top-1", unit: "%", isNumber: true),
      ],
      rows: learning.epochs.map { epoch in
        [
          count(epoch.number), cell(epoch.hours),
          cell(epoch.loss),
          .init(NumberFormat.significant(epoch.top1 * 100, digits: 4), number: epoch.top1),
        ]
      })
    return Document.Section(
      id: "learning-section", title: "A run to an accuracy", short: "Learning",
      lead: "Throughput is not learning: this run was trained and tested epoch by epoch.",
      blocks: [
        .chart(chart), .folded(table),
        .commands([.init(learning.repeat, purpose: "repeats the run")]),
      ], isBrief: false)
  }

  /// Earlier runs of the same case on the same machine.
  var historySection: Document.Section? {
    guard let caseID = history.first?.caseID, history.count > 1 else { return nil }
    let runs = history.filter { $0.caseID == caseID }
    func x(_ run: HistoryRun) -> Double { CalendarDay.parse(run.date) ?? .nan }
    let levels = runs.compactMap { run in run.level.map { Chart.Point(x: x(run), y: $0) } }
    let chart = Chart(
      id: "history", title: "History of \(caseID)",
      summary: "\(runs.count) runs on this machine; the line shows the level between steps.",
      x: .init("Date", kind: .time), y: .init("Rate", unit: "images/s"),
      series: [
        .init(id: "level", name: "level", colour: .accent, form: .steps, points: levels),
        .init(
          id: "runs", name: "runs", colour: .blue, form: .points(.circle),
          points: runs.map { run in
            let bounds = run.interval.flatMap {
              $0.count == 2 && $0[0] <= $0[1] ? $0[0]...$0[1] : nil
            }
            return .init(
              x: x(run), y: run.imagesPerSecond, interval: bounds,
              detail: "\(run.date.prefix(16)): \(NumberFormat.significant(run.imagesPerSecond)) "
                + "\(Wording.interval(run.interval)) images/s\(run.commit.map { ", \($0)" } ?? "")")
          }),
      ], height: 300)
    return Document.Section(
      id: "history-section", title: "History", short: "History",
      lead: "Runs of one case on this machine. History suggests a re-run and never a verdict; "
        + "'costcurve compare' gives one.",
      blocks: [.chart(chart), .folded(table(of: chart, id: "history-data"))], isBrief: false)
  }
}
