import Harness

/// A report as comma-separated values (RFC 4180): a head line, then one row per case, which also
/// says under which conditions it was measured.
package struct CSVReport: Sendable {
  package init() {}

  /// Columns, each with its unit in its name, as in the record.
  private static let columns: [(name: String, value: @Sendable (CaseRecord) -> String)] = [
    ("id", { $0.id }), ("kind", { $0.kind.rawValue }), ("algorithm", { $0.algorithm }),
    ("valid", { $0.validity.ok ? "true" : "false" }),
    ("reasons", { $0.validity.reasons.joined(separator: "; ") }),
    ("correctness", { $0.correctness.status.rawValue }),
    ("max_error", { number($0.correctness.maxError) }),
    ("flop_direct", { number($0.flop.direct) }), ("flop_executed", { number($0.flop.executed) }),
    ("median_ns", { shown($0) { $0.statistics?.medianNs } }),
    ("ci95_ns_low", { shown($0) { $0.statistics?.ci95Ns?.first } }),
    ("ci95_ns_high", { shown($0) { $0.statistics?.ci95Ns?.last } }),
    ("ci95_method", { $0.isShown ? $0.statistics?.ci95Method ?? "" : "" }),
    ("p05_ns", { shown($0) { $0.statistics?.p05Ns } }),
    ("relative_iqr", { shown($0) { $0.statistics?.relativeIqr } }),
    ("n", { item in item.statistics.map { "\($0.n)" } ?? "" }),
    ("gflops_direct", { shown($0) { $0.derived.gflopsDirect } }),
    ("gflops_executed", { shown($0) { $0.derived.gflopsExecuted } }),
    ("percent_of_peak", { share($0) }),
    ("gb_per_s", { shown($0) { $0.derived.gbPerS } }),
    ("images_per_second", { shown($0) { $0.derived.imagesPerSecond } }),
    ("images_per_second_ci95_low", { shown($0) { $0.derived.imagesPerSecondCi95?.first } }),
    ("images_per_second_ci95_high", { shown($0) { $0.derived.imagesPerSecondCi95?.last } }),
    ("latency_ms_p50", { shown($0) { $0.derived.latencyMs?.p50 } }),
    ("latency_ms_p90", { shown($0) { $0.derived.latencyMs?.p90 } }),
    ("latency_ms_p95", { shown($0) { $0.derived.latencyMs?.p95 } }),
    ("latency_ms_p99", { shown($0) { $0.derived.latencyMs?.p99 } }),
    ("usd_per_billion_images", { shown($0) { $0.derived.usdPerBillionImages } }),
    ("usd_to_train", { shown($0) { $0.derived.usdToTrain } }),
    ("peak_memory_bytes", { item in item.derived.peakMemoryBytes.map { "\($0)" } ?? "" }),
    ("repeat", { $0.repeat }),
    ("median_disturbed", { $0.isShown ? "\($0.hasDisturbedMedian)" : "" }),
    ("item", { $0.isShown && $0.derived.rate != nil ? $0.derived.workItem.name : "" }),
    ("items_per_second", { shown($0) { $0.derived.rate } }),
    ("usd_per_million_positions", { shown($0) { $0.derived.usdPerMillionPositions } }),
  ]

  /// All cases of all runs; with several runs, a first column counts them.
  package func text(_ report: Report) -> String {
    let runs = [report.record] + report.others
    let several = runs.count > 1
    let names = CSVReport.columns.map(\.name) + CSVReport.conditions.map(\.name)
    var lines = [(several ? ["run"] : []) + names]
    for (index, run) in runs.enumerated() {
      lines += run.cases.map { item in
        (several ? ["\(index + 1)"] : []) + CSVReport.columns.map { $0.value(item) }
          + CSVReport.conditions.map { $0.value(item, run) }
      }
    }
    return Self.text(lines)
  }

  /// Rows of fields as text, the head line first.
  package static func text(_ rows: [[String]]) -> String {
    rows.map { line($0) + "\r\n" }.joined()
  }

  /// A row of fields without its end.
  static func line(_ row: [String]) -> String { row.map(field).joined(separator: ",") }

  /// A field, quoted where a reader would take it apart.
  ///
  /// A text that a spreadsheet would run as a formula gets a leading apostrophe.
  package static func field(_ text: String) -> String {
    var text = text
    if let first = text.first,
      "=@\t\r".contains(first) || ("+-".contains(first) && Double(text) == nil)
    {
      text = "'" + text
    }
    guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// A figure as recorded, whole numbers without a point; empty where there is none.
  package static func number(_ value: Double?) -> String {
    value.map { Int(exactly: $0).map(String.init) ?? "\($0)" } ?? ""
  }

  /// The share of the peak, or that the peak was disturbed; empty where there is none.
  private static func share(_ item: CaseRecord) -> String {
    guard item.isShown, item.shareOfPeak != .none else { return "" }
    return item.shareOfPeak.text { number($0) }
  }

  /// A figure of a case that may show one.
  static func shown(_ item: CaseRecord, _ value: (CaseRecord) -> Double?) -> String {
    item.isShown ? number(value(item)) : ""
  }
}
