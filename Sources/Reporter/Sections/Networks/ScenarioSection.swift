import Harness

extension Report {
  /// What cases gave by LoadGen's counting; nil where queries were not counted so.
  var scenarioSection: Document.Section? {
    let cases = record.cases.filter { $0.scenario != nil && $0.isShown }
    guard !cases.isEmpty else { return nil }
    let departures = cases.flatMap { $0.scenario?.departures ?? [] }.unique
    var blocks: [Document.Block] = [.table(scenarioTable(cases))]
    if !departures.isEmpty {
      blocks.append(
        .paragraph("No MLPerf result. Not followed: " + departures.joined(separator: " ")))
    }
    return Document.Section(
      id: "scenario-section", title: "By LoadGen's counting", short: "Scenario",
      lead: "Queries are counted by the rules of MLPerf Inference's LoadGen. A latency is the "
        + "estimate of early stopping: the percentile lies below it with 99 % confidence.",
      blocks: blocks)
  }

  private func scenarioTable(_ cases: [CaseRecord]) -> DataTable {
    DataTable(
      id: "scenarios", caption: "Metric of each scenario",
      columns: [
        .init("Case"), .init("Scenario"), .init("Metric"), .init("Value", isNumber: true),
        .init("Queries", isNumber: true), .init("Samples a query", isNumber: true, rank: 1),
        .init("Time", unit: "s", isNumber: true, rank: 2),
      ],
      rows: cases.compactMap { item -> [DataTable.Cell]? in
        guard let scenario = item.scenario else { return nil }
        return [
          caseCell(item), .init(scenario.name), .init(scenario.metricWords),
          scenarioCell(scenario), count(scenario.queries), count(scenario.samplesPerQuery),
          cell(scenario.seconds),
        ]
      })
  }

  private func scenarioCell(_ scenario: CaseRecord.ScenarioResult) -> DataTable.Cell {
    guard let value = scenario.value else {
      return .init("n/a (needs \(scenario.minimumQueries))", tone: .quiet)
    }
    return .init(
      NumberFormat.significant(value), number: value, interval: Wording.interval(scenario.ci95))
  }

  /// The first case's metric, with what it rests on.
  var scenarioFact: Document.Fact? {
    guard let item = record.cases.first(where: { $0.scenario != nil && $0.isShown }),
      let scenario = item.scenario, let value = scenario.value
    else { return nil }
    let samples = Units.count(scenario.samplesPerQuery, "sample")
    let basis =
      scenario.percentile.map { percentile in
        "\(percentile)th percentile of \(Units.grouped(scenario.queries)) queries of \(samples), "
          + "an upper bound with 99 % confidence; "
      } ?? "one query of \(samples); "
    return Document.Fact(
      label: "LoadGen's \(scenario.name)", value: NumberFormat.significant(value), number: value,
      unit: scenario.unit,
      interval: scenario.ci95.map { "95 % " + Wording.interval($0) } ?? "",
      basis: basis + Wording.configuration(item, withWorth: false))
  }
}

extension CaseRecord.ScenarioResult {
  /// 90 of a `p90_latency`; nil of a rate.
  fileprivate var percentile: Int? {
    metric.hasPrefix("p") ? Int(metric.dropFirst().prefix { $0.isNumber }) : nil
  }

  /// `p90 latency, ms` or `samples/s`.
  fileprivate var metricWords: String {
    percentile.map { "p\($0) latency, \(unit)" } ?? unit
  }
}
