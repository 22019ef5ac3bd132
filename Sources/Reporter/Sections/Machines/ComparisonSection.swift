import Harness

extension Report {
  /// Several runs side by side, where more than one was given.
  var comparisonSection: Document.Section? {
    guard !others.isEmpty else { return nil }
    let records = [record] + others
    let ids = records.flatMap { $0.cases.map(\.id) }.unique
    let best = records.map(\.cheapestInference)
    // Runs are compared by what the first of them was given; other items have other prices.
    let item = best.lazy.compactMap { $0 }.first?.derived.workItem ?? .image
    let alike = best.map { $0?.derived.workItem == item ? $0 : nil }
    let heads = records.indices.map { "Run \($0 + 1)" }
    let machines = DataTable(
      id: "runs", caption: "Runs, in the order given",
      columns: [
        .init("Run"), .init("Machine"), .init("Date"),
        .init("Price", unit: "USD/h", isNumber: true),
        .init("FMA peak", unit: "GFLOP/s", isNumber: true),
        .init("Inference", unit: item.rateUnit, isNumber: true),
        .init(item.costUnit, unit: "USD", isNumber: true),
        .init("To train", unit: "USD", isNumber: true),
      ],
      rows: zip(heads, zip(records, alike)).map { head, pair in
        let (run, inference) = pair
        return [
          .init(head), .init(run.context.machine.cpu), .init(String(run.context.date.prefix(10))),
          cell(run.price?.usdPerHour, note: Wording.price(run.price)),
          cell(run.bestPeak?.fmaGflops),
          cell(
            inference?.derived.rate, note: inference.map { Wording.configuration($0) } ?? ""),
          cell(inference?.derived.usdPerCount),
          cell(run.cheapestTraining?.derived.usdToTrain),
        ]
      })
    var blocks: [Document.Block] = [.table(machines)]
    if let differences = machineDifferences { blocks.append(.table(differences)) }
    if let chart = rates(of: records, heads, item) { blocks.append(.rows(chart)) }
    blocks.append(.table(ratioTable(of: ids, heads)))
    return Document.Section(
      id: "side-by-side-section", title: "Side by side", short: "Side by side",
      lead: "\(records.count) runs, each at its cheapest configuration. They were not interleaved, "
        + "so a run is called the fastest only where its 95 % interval is apart from all others; "
        + "for a verdict on a difference use 'costcurve compare'. All else in this report is of "
        + "the first.",
      blocks: blocks)
  }

  /// Times of every case, how many times as fast each further run is as the first, and which is the
  /// fastest.
  private func ratioTable(of ids: [String], _ heads: [String]) -> DataTable {
    let runs = [record] + others
    let busy = runs.contains { $0.context.noise.isBusy }
    let further = runs.indices.dropFirst()
    var columns = [DataTable.Column("Case")]
    columns += heads.map { .init($0, unit: "ms", isNumber: true, rank: 1) }
    columns += further.map { .init("Run \($0 + 1) over 1", unit: "x", isNumber: true) }
    columns.append(.init("Fastest"))
    let rows = ids.map { id -> [DataTable.Cell] in
      let timed = runs.map { $0.shownCase(id) }
      var row = [DataTable.Cell(id, tone: .code)]
      row += runs.map { timeCell($0, id) }
      row += further.map { ratioCell(timed[$0], over: timed[0]) }
      row.append(fastestCell(timed, busy: busy))
      return row
    }
    return DataTable(
      id: "side-by-side",
      caption: "Time of one call and how many times as fast as run 1, with 95 % intervals",
      columns: columns, rows: rows)
  }

  private func ratioCell(_ item: CaseRecord?, over other: CaseRecord?) -> DataTable.Cell {
    guard let ratio = Self.speedup(of: item, over: other) else {
      return .init("–", tone: .quiet)
    }
    return .init(
      NumberFormat.significant(ratio.times), number: ratio.times,
      interval: Wording.interval(ratio.interval))
  }

  private func timeCell(_ run: ResultRecord, _ id: String) -> DataTable.Cell {
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

  /// The run whose interval is apart from all others; none on a busy machine.
  private func fastestCell(_ timed: [CaseRecord?], busy: Bool) -> DataTable.Cell {
    func open(_ why: String) -> DataTable.Cell { .init("open", note: why, tone: .quiet) }
    if busy { return open("a machine was busy, so its rates are bounds") }
    switch Separation(timed.map { $0?.statistics?.ci95Ns }) {
    case .lowest(let best):
      let provisional = timed.contains { $0?.statistics?.provisional == true }
      return .init("Run \(best + 1)\(provisional ? ", provisional" : "")", tone: .good)
    case .overlapping: return open("the 95 % intervals overlap")
    case .unknown: return open("not every run has it with an interval")
    }
  }

  /// One bar a run; nil where fewer than two have inference.
  private func rates(
    of records: [ResultRecord], _ heads: [String], _ item: WorkItem
  ) -> RowChart? {
    let rows = zip(heads, records).compactMap { head, run -> RowChart.Row? in
      guard let best = run.cheapestInference, best.derived.workItem == item,
        let rate = best.derived.rate
      else { return nil }
      let text = NumberFormat.significant(rate)
      return .init(
        "\(head): \(run.context.machine.cpu.clipped(to: 30))",
        marks: [
          .init(
            series: "rate", value: rate, interval: Wording.range(best.derived.rateCi95), text: text,
            detail: "\(head), \(best.id): \(text) \(Wording.rateInterval(best)) \(item.rateUnit)")
        ])
    }
    guard rows.count > 1 else { return nil }
    return RowChart(
      id: "side-by-side-rates", title: "Inference, \(item.rateUnit)",
      summary: "The cheapest configuration of each run, with its 95 % interval.",
      axis: .init("Inference", unit: item.rateUnit, fromZero: true),
      series: [.init(id: "rate", name: "inference", colour: .accent, shape: nil)], rows: rows)
  }
}
