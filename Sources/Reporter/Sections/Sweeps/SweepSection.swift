import Harness

extension Report {
  /// A sweep over batch sizes and thread counts; nil where the run is none.
  var sweep: Sweep? { others.isEmpty ? Sweep(record) : nil }

  /// Cost and latency of every case of a sweep.
  var sweepSection: Document.Section? {
    guard let sweep else { return nil }
    var blocks: [Document.Block] = [.table(sweepTable(sweep))]
    if let chart = sweepChart(sweep) { blocks.append(.chart(chart)) }
    if let bars = sweepBars(sweep, sweep.byLatency) { blocks.append(.rows(bars)) }
    return Document.Section(
      id: "sweep-section", title: "Cost against latency", short: "Cost and latency",
      lead: sweepLead(sweep), blocks: blocks)
  }

  /// Cases that a screen has a bar for each of.
  private static let fewCases = 8

  /// What of the section belongs on one screen: the bars, of many cases only those that no other
  /// beats in both cost and latency, then as much of the table as has room.
  func sweepOnScreen(_ section: Document.Section) -> Document.Section {
    guard let sweep else { return section }
    let isFew = sweep.byLatency.count <= Self.fewCases
    let bars =
      isFew
      ? sweepBars(sweep, sweep.byLatency)
      : sweepBars(sweep, spread(sweep.front, over: Self.fewCases), isFront: true)
    var section = section
    section.blocks = section.blocks.filter { block in
      if case .table = block { true } else { false }
    }
    if let bars { section.blocks.insert(.rows(bars), at: 0) }
    return section
  }

  /// As many of some cases as there is room for, the first and the last among them.
  private func spread(_ cases: [CaseRecord], over room: Int) -> [CaseRecord] {
    guard cases.count > room else { return cases }
    return (0..<room).map { cases[$0 * (cases.count - 1) / (room - 1)] }
  }

  /// The cheapest and the fastest, and whether others can be told from the cheapest.
  private func sweepLead(_ sweep: Sweep) -> String {
    guard let best = sweep.shown.first, let usd = sweep.usd(of: best) else {
      return "None of \(Units.count(sweep.cases.count, "case")) has both a speed and a price."
    }
    let count = Units.count(sweep.cases.count, "case")
    var sentences = [
      "The cheapest of \(count) is \(Wording.configuration(best)): "
        + sweepFigures(best, usd: usd, sweep) + "."
    ]
    if let quick = sweep.byLatency.first, quick.id != best.id, let usd = sweep.usd(of: quick) {
      sentences.append(
        "The fastest is \(Wording.configuration(quick)): \(sweepFigures(quick, usd: usd, sweep)).")
    }
    let rivals = sweep.rivals
    if rivals > 0 {
      let others = rivals == 1 ? "The interval of 1 other" : "The intervals of \(rivals) others"
      sentences.append(
        "\(others) overlap\(rivals == 1 ? "s" : "") with the cheapest's: which of them is cheaper "
          + "was not told.")
    }
    sentences.append("Dollars: \(Wording.shortPrice(record.price)).")
    return sentences.joined(separator: " ")
  }

  /// `$417 [$392, $443] per 10⁹ images, p50 254 ms`.
  private func sweepFigures(_ item: CaseRecord, usd: Double, _ sweep: Sweep) -> String {
    let cost = [NumberFormat.usd.text(usd), Wording.interval(sweep.interval(of: item), .usd)]
      .filter { !$0.isEmpty }.joined(separator: " ")
    let latency = sweep.latency(of: item).map { ", p50 \(NumberFormat.significant($0)) ms" } ?? ""
    return "\(cost) per \(sweep.costUnit)\(latency)"
  }

  private func sweepTable(_ sweep: Sweep) -> DataTable {
    caseTable(
      "sweep", "Every case, the cheapest first, with 95 % intervals", sweep.cases,
      [
        rate(in: sweep.item.rateUnit),
        .init("Cost", "USD per \(sweep.costUnit)") {
          cell(sweep.usd(of: $0), interval: Wording.interval(sweep.interval(of: $0)))
        },
        .init("p50", "ms") { cell($0.derived.latencyMs?.p50) }, percentile("p99", \.p99),
        ofPeak(rank: 2), memory(rank: 1),
      ])
  }
}
