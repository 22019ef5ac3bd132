import Harness

extension Report {
  /// Several runs side by side, where more than one was given.
  var comparisonSection: Document.Section? {
    guard !others.isEmpty else { return nil }
    let records = [record] + others
    let ids = records.flatMap { $0.cases.map(\.id) }.reduce(into: [String]()) { seen, id in
      if !seen.contains(id) { seen.append(id) }
    }
    let heads = records.indices.map { "Run \($0 + 1)" }
    let machines = DataTable(
      id: "runs", caption: "Runs, in the order given",
      columns: [
        .init("Run"), .init("Machine"), .init("Date"),
        .init("Price", unit: "USD/h", isNumber: true),
        .init("FMA peak", unit: "GFLOP/s", isNumber: true),
      ],
      rows: zip(heads, records).map { head, run in
        [
          .init(head), .init(run.context.machine.cpu), .init(String(run.context.date.prefix(10))),
          cell(run.price?.usdPerHour, note: Wording.price(run.price)),
          cell(run.bestPeak?.fmaGflops),
        ]
      })
    let rows = ids.map { id in
      [DataTable.Cell(id, tone: .code)]
        + records.map { run -> DataTable.Cell in
          guard let item = run.cases.first(where: { $0.id == id }) else {
            return .init("–", tone: .quiet)
          }
          guard item.isShown, let statistics = item.statistics else {
            return .init("no speed", note: item.refusal, tone: .bad)
          }
          return .init(
            Wording.milliseconds(statistics.medianNs), number: statistics.medianNs,
            interval: Wording.timeInterval(statistics), note: Wording.intervalBasis(statistics))
        }
    }
    let times = DataTable(
      id: "side-by-side", caption: "Time of one call, median with 95 % interval",
      columns: [.init("Case")] + heads.map { .init($0, unit: "ms", isNumber: true) }, rows: rows)
    return Document.Section(
      id: "side-by-side-section", title: "Side by side", short: "Side by side",
      lead: "\(records.count) runs. They were not interleaved: for a verdict on a difference use "
        + "'costcurve compare'.",
      blocks: [.table(machines), .table(times)])
  }
}
