import Harness

extension CSVReport {
  /// Columns that only tables with such cases have: of queries counted by a scenario, of items, of
  /// tokens, of texts that are generated, of products of bytes, and of energy.
  ///
  /// - Parameter cases: All of the table.
  /// - Returns: The columns in their order, none for most runs.
  static func extras(of cases: [CaseRecord]) -> [[Column]] {
    var columns = answers(of: cases)
    if cases.contains(where: { $0.scenario != nil }) { columns += scenarios }
    if cases.contains(where: { $0.derived.usdPerMillionItems != nil }) { columns += items }
    if cases.contains(where: { $0.derived.tokensPerSecond != nil }) { columns += tokens }
    if cases.contains(where: { $0.kind.generatesText }) { columns += texts }
    if cases.contains(where: { $0.name.precision == .int8 }) { columns += bytes }
    if cases.contains(where: { $0.energy != nil }) { columns += energies }
    return columns
  }

  private static let scenarios: [[Column]] = [
    [
      ("scenario", { item, _ in item.scenario?.name ?? "" }),
      ("scenario_metric", { item, _ in item.scenario?.metric ?? "" }),
      figure("scenario_value", \.scenario?.value),
    ],
    ends("scenario_ci95", \.scenario?.ci95),
    [
      ("scenario_unit", { item, _ in item.scenario?.unit ?? "" }),
      ("scenario_queries", { item, _ in item.scenario.map { "\($0.queries)" } ?? "" }),
      (
        "scenario_samples_per_query",
        { item, _ in item.scenario.map { "\($0.samplesPerQuery)" } ?? "" }
      ),
      (
        "scenario_departures",
        { item, _ in item.scenario?.departures.joined(separator: " ") ?? "" }
      ),
    ],
  ]

  private static let items: [[Column]] = [
    [figure("usd_per_million_items", \.derived.usdPerMillionItems)],
    ends("usd_per_million_items_ci95", \.derived.usdPerMillionItemsCi95),
  ]

  private static let tokens: [[Column]] = [
    [figure("tokens_per_second", \.derived.tokensPerSecond)],
    ends("tokens_per_second_ci95", \.derived.tokensPerSecondCi95),
    [figure("usd_per_million_tokens", \.derived.usdPerMillionTokens)],
    ends("usd_per_million_tokens_ci95", \.derived.usdPerMillionTokensCi95),
  ]

  private static let bytes: [[Column]] = [
    [
      figure("giga_operations_per_second", \.derived.gigaOperationsPerSecond),
      (
        "peak_giga_operations_per_second",
        { item, run in
          number(
            run.peaks.first {
              $0.threads == item.name.threads && $0.precision == item.name.precision
            }?.gigaOperationsPerSecond)
        }
      ),
    ]
  ]

  private static let texts: [[Column]] = [
    [figure("time_to_first_token_ms", \.derived.timeToFirstTokenMs)],
    [figure("percent_of_bandwidth", \.derived.percentOfBandwidth)],
  ]
}
