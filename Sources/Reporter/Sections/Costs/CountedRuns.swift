import Economics
import Harness

/// Published trainings by their counted work: what was published of each, and what it would take here.
extension Report {
  /// Counted work, and what was published of runs that are on no chart; nothing where none are counted.
  var countedSeries: [Chart.Series] {
    let runs = compute?.counted ?? []
    guard !runs.isEmpty else { return [] }
    func point(
      _ run: PublishedRun, _ value: Double, _ what: String, label: String?
    ) -> Chart.Point {
      .init(
        x: Double(run.date.number), y: value, label: label,
        detail: "\(run.title), \(what): \(NumberFormat.significant(value)) petaflop/s-days, "
          + "\(run.date)", rank: 1)
    }
    let counted = Chart.Series(
      id: "compute-counted", name: "counted work", colour: .green, form: .points(.diamond),
      points: runs.map { point($0.run, $0.run.pfsDays, "counted", label: $0.run.title) })
    let stated = runs.filter { !$0.run.isCharted }.compactMap { item -> Chart.Point? in
      let what = "as published" + (item.run.note.isEmpty ? "" : " (\(item.run.note))")
      return item.run.publishedPfsDays.map { point(item.run, $0, what, label: nil) }
    }
    let published = Chart.Series(
      id: "compute-published", name: "published elsewhere", colour: .grey, form: .points(.ring),
      points: stated)
    return [counted] + (stated.isEmpty ? [] : [published])
  }

  /// A row a training, the oldest first; nil where none are counted.
  var countedTable: DataTable? {
    guard let counted = compute?.counted, !counted.isEmpty else { return nil }
    let runs = counted.sorted { ($0.run.date, $0.run.id) < ($1.run.date, $1.run.id) }
    return DataTable(
      id: "compute-counted-runs",
      caption: "Published trainings: counted work, and what it would take at a sustained rate",
      columns: [
        .init("Training"), .init("Date", rank: 2),
        .init("Published", unit: "petaflop/s-days", isNumber: true, rank: 1),
        .init("Counted", unit: "petaflop/s-days", isNumber: true),
        .init("Here", unit: "days, extrapolated", isNumber: true),
        .init("Cost here", unit: "USD", isNumber: true), .init("At the rate of", rank: 1),
      ],
      rows: runs.map { item in
        [
          .init(item.run.title, note: item.run.source), .init("\(item.run.date)"),
          cell(item.run.publishedPfsDays), cell(item.run.pfsDays),
          cell(item.here?.days.value, interval: ends(of: item.here?.days)),
          cell(item.usd?.value, interval: ends(of: item.usd)),
          .init(item.here?.measured ?? "n/a", tone: item.here == nil ? .quiet : .plain),
        ]
      })
  }

  /// What is to be known of published figures, a sentence each; nil where it is nothing.
  var countedNotes: String? {
    let runs = (compute?.counted ?? []).map(\.run).filter { !$0.note.isEmpty }
    guard !runs.isEmpty else { return nil }
    return runs.map { "\($0.title): \($0.note)." }.joined(separator: " ")
  }

  /// `[low, high]`, or nothing.
  private func ends(of estimate: Estimate?) -> String {
    guard let ends = estimate?.ends else { return "" }
    return "[\(ends.map { NumberFormat.significant($0) }.joined(separator: ", "))]"
  }
}
