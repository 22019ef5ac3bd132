import Harness

/// A report as comma-separated values (RFC 4180): a head line, then one row per case, which also
/// says under which conditions it was measured.
package struct CSVReport: Sendable {
  package init() {}

  /// A column: its name, with its unit as in the record, and what it says of a case of a run.
  typealias Column = (name: String, value: @Sendable (CaseRecord, ResultRecord) -> String)

  private static let figures: [[Column]] = [
    [
      ("id", { item, _ in item.id }), ("kind", { item, _ in item.kind.rawValue }),
      ("algorithm", { item, _ in item.algorithm }),
      ("valid", { item, _ in "\(item.validity.ok)" }),
      ("reasons", { item, _ in item.validity.reasons.joined(separator: "; ") }),
      ("correctness", { item, _ in item.correctness.status.rawValue }),
      ("max_error", { item, _ in number(item.correctness.maxError) }),
      ("flop_direct", { item, _ in number(item.flop.direct) }),
      ("flop_executed", { item, _ in number(item.flop.executed) }),
      figure("median_ns", \.statistics?.medianNs),
    ],
    ends("ci95_ns", \.statistics?.ci95Ns),
    [
      ("ci95_method", { item, _ in item.isShown ? item.statistics?.ci95Method ?? "" : "" }),
      figure("p05_ns", \.statistics?.p05Ns), figure("relative_iqr", \.statistics?.relativeIqr),
      ("n", { item, _ in item.statistics.map { "\($0.n)" } ?? "" }),
      figure("gflops_direct", \.derived.gflopsDirect),
      figure("gflops_executed", \.derived.gflopsExecuted),
      ("percent_of_peak", { item, _ in share(item) }), figure("gb_per_s", \.derived.gbPerS),
      figure("images_per_second", \.derived.imagesPerSecond),
    ],
    ends("images_per_second_ci95", \.derived.imagesPerSecondCi95),
    [
      figure("latency_ms_p50", \.derived.latencyMs?.p50),
      figure("latency_ms_p90", \.derived.latencyMs?.p90),
      figure("latency_ms_p95", \.derived.latencyMs?.p95),
      figure("latency_ms_p99", \.derived.latencyMs?.p99),
      figure("usd_per_billion_images", \.derived.usdPerBillionImages),
      figure("usd_to_train", \.derived.usdToTrain),
      ("peak_memory_bytes", { item, _ in item.derived.peakMemoryBytes.map { "\($0)" } ?? "" }),
      ("repeat", { item, _ in item.repeat }),
      ("median_disturbed", { item, _ in item.isShown ? "\(item.hasDisturbedMedian)" : "" }),
      (
        "item",
        { item, _ in
          item.isShown && item.derived.rate != nil ? item.derived.workItem.name : ""
        }
      ),
      figure("items_per_second", \.derived.rate),
      figure("usd_per_million_positions", \.derived.usdPerMillionPositions),
    ],
  ]

  /// All cases of all runs; with several runs, a first column counts them.
  package func text(_ report: Report) -> String {
    let runs = [report.record] + report.others
    let several = runs.count > 1
    let extras = CSVReport.extras(of: runs.flatMap(\.cases))
    let columns = (CSVReport.figures + CSVReport.conditions + extras).flatMap { $0 }
    var lines = [(several ? ["run"] : []) + columns.map(\.name)]
    for (index, run) in runs.enumerated() {
      lines += run.cases.map { item in
        (several ? ["\(index + 1)"] : []) + columns.map { $0.value(item, run) }
      }
    }
    return Self.text(lines)
  }

  /// Every table of a document, one after the other with an empty line between: a head line, then
  /// its rows; figures as recorded where a cell has one.
  package func text(_ document: Document) -> String {
    let tables = document.sections.flatMap(\.blocks).compactMap { block -> DataTable? in
      switch block {
      case .table(let table), .folded(let table): table
      default: nil
      }
    }
    return tables.map { table in
      let rows = table.rows.map { row in
        row.map { cell in cell.number.map { "\($0)" } ?? cell.text }
      }
      return Self.text([table.columns.map(\.head)] + rows)
    }.joined(separator: "\r\n")
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

  /// A figure of the cases that may show one.
  static func figure(
    _ name: String, _ path: KeyPath<CaseRecord, Double?> & Sendable
  ) -> Column {
    (name, { item, _ in item.isShown ? number(item[keyPath: path]) : "" })
  }

  /// The two ends of an interval of theirs.
  static func ends(
    _ name: String, _ path: KeyPath<CaseRecord, [Double]?> & Sendable
  ) -> [Column] {
    [
      (name + "_low", { item, _ in item.isShown ? number(item[keyPath: path]?.first) : "" }),
      (name + "_high", { item, _ in item.isShown ? number(item[keyPath: path]?.last) : "" }),
    ]
  }
}
