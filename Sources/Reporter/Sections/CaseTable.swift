import Harness

/// Tables with a row for each case, put together from columns that several of them have.
extension Report {
  /// A column of figures: its head, and what it says of a case that may show one.
  struct CaseColumn {
    var head: DataTable.Column
    var cell: (CaseRecord) -> DataTable.Cell

    init(
      _ title: String, _ unit: String = "", rank: Int = 0,
      _ cell: @escaping (CaseRecord) -> DataTable.Cell
    ) {
      head = .init(title, unit: unit, isNumber: true, rank: rank)
      self.cell = cell
    }
  }

  /// The cases, each with the command that repeats it; one without a valid result says why.
  func caseTable(
    _ id: String, _ caption: String, _ cases: [CaseRecord], _ columns: [CaseColumn]
  ) -> DataTable {
    DataTable(
      id: id, caption: caption, columns: [.init("Case")] + columns.map(\.head),
      rows: cases.map { item in
        guard item.isShown else { return refused(item, columns: columns.count + 1) }
        return [caseCell(item)] + columns.map { $0.cell(item) }
      })
  }

  /// The rate with its interval, marked where the median is not the machine's own.
  func rate(in unit: String) -> CaseColumn {
    .init("Rate", unit) { item in
      let note = item.statistics.map { Wording.intervalBasis($0) } ?? ""
      return cell(
        item.derived.rate, interval: Wording.marked(Wording.rateInterval(item), item), note: note)
    }
  }

  /// The share of the measured peak, or why it is not told.
  func ofPeak(rank: Int = 0) -> CaseColumn {
    .init("Of peak", "%", rank: rank) { shareCell($0.shareOfPeak) }
  }

  func executed(rank: Int = 0) -> CaseColumn {
    .init("Executed", "GFLOP/s", rank: rank) { cell($0.derived.gflopsExecuted) }
  }

  func direct(rank: Int) -> CaseColumn {
    .init("Direct", "GFLOP/s", rank: rank) { cell($0.derived.gflopsDirect) }
  }

  func memory(rank: Int) -> CaseColumn {
    .init("Memory", "MiB", rank: rank) { memoryCell($0.derived.peakMemoryBytes) }
  }

  /// A percentile of the latency, or how many samples it needs.
  func percentile(
    _ name: String, _ path: KeyPath<CaseRecord.Latency, Double?>, rank: Int = 0
  ) -> CaseColumn {
    .init(name, "ms", rank: rank) { item in
      let latency = item.derived.latencyMs
      let value = latency?[keyPath: path]
      return .init(
        Wording.percentile(latency, name, value), number: value,
        tone: value == nil ? .quiet : .plain)
    }
  }

  /// A share of a peak, or why it is not told.
  func shareCell(_ share: ShareOfPeak) -> DataTable.Cell {
    .init(
      share.text { NumberFormat.significant($0) }, number: share.percent,
      tone: share.percent == nil ? .quiet : .plain)
  }

  /// The memory of a process in MiB, or `n/a`.
  func memoryCell(_ bytes: Int?) -> DataTable.Cell {
    guard let bytes else { return .init("n/a", tone: .quiet) }
    let mebibytes = Double(bytes) / 1_048_576
    return .init(
      NumberFormat.grouped(mebibytes, decimals: 0), number: Double(bytes), note: "\(bytes) bytes")
  }

  /// The case's id with the command that repeats it.
  func caseCell(_ item: CaseRecord) -> DataTable.Cell {
    .init(item.id, note: item.repeat, tone: .code)
  }

  /// A whole number, or `n/a`.
  func count(_ value: Int?) -> DataTable.Cell {
    guard let value else { return .init("n/a", tone: .quiet) }
    return .init(NumberFormat.grouped(Double(value), decimals: 0), number: Double(value))
  }

  /// A figure, or `n/a`.
  func cell(
    _ value: Double?, _ format: NumberFormat = .plain, interval: String = "", note: String = ""
  ) -> DataTable.Cell {
    guard let value else { return .init("n/a", tone: .quiet) }
    return .init(format.text(value), number: value, interval: interval, note: note)
  }

  /// A row that shows why there is no speed.
  func refused(_ item: CaseRecord, columns: Int) -> [DataTable.Cell] {
    [caseCell(item), .init("no speed: \(item.refusal)", tone: .bad, spansTheRest: true)]
      + Array(repeating: .init("–", tone: .quiet), count: columns - 2)
  }
}
