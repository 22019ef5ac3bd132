import Harness

extension Report {
  /// Training runs to an accuracy, side by side.
  var learningSection: Document.Section? {
    let runs = learning.filter { !$0.epochs.isEmpty }
    guard !runs.isEmpty else { return nil }
    // Small networks are trained in minutes.
    let longest = runs.compactMap { $0.epochs.last?.hours }.max() ?? 0
    let (unit, perHour) = longest < 2 ? ("minutes", 60.0) : ("hours", 1)
    let shapes: [Chart.Shape] = [.circle, .square, .triangle, .diamond]
    let chart = Chart(
      id: "learning", title: "Accuracy against time of training",
      summary: runs.map { sentence($0) }.joined(separator: " "),
      x: .init("Time of training", unit: unit, fromZero: true),
      y: .init("Test accuracy", format: .percent),
      series: runs.enumerated().map { index, run in
        let best = run.epochs.map(\.top1).max()
        return .init(
          id: "run-\(index + 1)", name: run.title,
          colour: index == 0 ? .accent : Palette.series(index - 1),
          form: .lineAndPoints(shapes[index % shapes.count]),
          points: run.epochs.map { epoch in
            let accuracy = "\(NumberFormat.significant(epoch.top1 * 100, digits: 4)) %"
            return .init(
              x: epoch.hours * perHour, y: epoch.top1 * 100,
              label: epoch.top1 == best ? accuracy : nil,
              detail: "\(run.title), epoch \(epoch.number): \(accuracy) after "
                + "\(NumberFormat.significant(epoch.hours * perHour)) \(unit)\(cost(run, epoch))",
              rank: 5)
          })
      }, height: 340)
    let table = DataTable(
      id: "learning-data", caption: "Epochs of the runs",
      columns: [
        .init("Run"), .init("Epoch", isNumber: true), .init("Time", unit: unit, isNumber: true),
        .init("Top-1", unit: "%", isNumber: true),
      ],
      rows: runs.flatMap { run in
        run.epochs.map { epoch in
          [
            .init(run.title), count(epoch.number), cell(epoch.hours * perHour),
            .init(NumberFormat.significant(epoch.top1 * 100, digits: 4), number: epoch.top1 * 100),
          ]
        }
      })
    let sparks = runs.map { run in
      Document.Spark(
        label: run.title, values: run.epochs.map(\.top1), text: shortSentence(run))
    }
    return Document.Section(
      id: "learning-section", title: "Training to an accuracy", short: "Learning",
      lead: "Speed is not learning: these runs were trained on real images and tested after each "
        + "epoch on images that they had not seen.",
      blocks: [.sparks(sparks), .chart(chart), .folded(table)])
  }

  /// `, $0.12` of an epoch, where the run has a price.
  private func cost(_ run: LearningCurve, _ epoch: LearningCurve.Epoch) -> String {
    run.usdPerHour.map { ", \(NumberFormat.usd.text($0 * epoch.hours))" } ?? ""
  }

  /// What a run reached, when, and for how much.
  private func sentence(_ run: LearningCurve) -> String {
    let basis = run.basis.isEmpty ? "" : " (\(run.basis))"
    return "\(run.title)\(basis): \(shortSentence(run))."
  }

  private func shortSentence(_ run: LearningCurve) -> String {
    guard let best = run.epochs.max(by: { $0.top1 < $1.top1 }) else { return "" }
    let minutes = best.hours * 60
    let time =
      minutes < 120
      ? "\(NumberFormat.significant(minutes)) min"
      : "\(NumberFormat.significant(best.hours)) hours"
    return "\(NumberFormat.significant(best.top1 * 100, digits: 4)) % after "
      + "\(Units.count(best.number, "epoch")), \(time)\(cost(run, best))"
  }
}
