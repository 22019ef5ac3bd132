import Harness

extension Report {
  /// Inference and training, case by case.
  var networkSection: Document.Section? {
    let inference = record.cases.filter { $0.kind == .infer }
    let (texts, training) = (
      record.cases.filter { $0.kind.generatesText }, record.cases.filter { $0.kind == .train }
    )
    guard !inference.isEmpty || !texts.isEmpty || !training.isEmpty else { return nil }
    var blocks: [Document.Block] = []
    // A table has one unit for all its rates.
    for item in inference.map(\.derived.workItem).unique {
      let cases = inference.filter { $0.derived.workItem == item }
      blocks.append(.table(inferenceTable(cases, of: item)))
    }
    if !texts.isEmpty { blocks.append(.table(textTable(texts))) }
    let shown = (inference + texts).filter { $0.isShown }
    if !shown.isEmpty { blocks.append(.table(latencyTable(shown))) }
    if !training.isEmpty { blocks.append(.table(trainingTable(training))) }
    if let phases = phaseTable(training) { blocks.append(.table(phases)) }
    for item in training where item.isShown {
      guard let allReduce = item.derived.allReduce else { continue }
      let stepMs = item.statistics.map { 1e-6 * $0.medianNs }
      blocks.append(.paragraph("\(item.id): " + allReduce.sentence(ofStepOf: stepMs)))
    }
    return Document.Section(
      id: "networks", title: "Whole networks", short: "Networks",
      lead: "Each row was checked against the reference before it was timed. Dollars: "
        + "\(Wording.shortPrice(record.price)).",
      blocks: blocks)
  }

  private func inferenceTable(_ cases: [CaseRecord], of item: WorkItem) -> DataTable {
    DataTable(
      id: item == .image ? "inference" : "inference-\(item.plural)",
      caption: "Inference, with 95 % intervals",
      columns: [
        .init("Case"), .init("Rate", unit: item.rateUnit, isNumber: true),
        .init("Cost", unit: "USD per \(item.costUnit)", isNumber: true),
        .init("Of peak", unit: "%", isNumber: true),
        .init("Executed", unit: "GFLOP/s", isNumber: true, rank: 1),
        .init("Direct", unit: "GFLOP/s", isNumber: true, rank: 2),
      ],
      rows: cases.map { item in
        let derived = item.derived
        guard item.isShown else { return refused(item, columns: 6) }
        return [
          caseCell(item), rateCell(item),
          cell(
            derived.usdPerCount, .plain, interval: Wording.interval(derived.usdPerCountCi95)),
          shareCell(item), cell(derived.gflopsExecuted), cell(derived.gflopsDirect),
        ]
      })
  }

  private func latencyTable(_ cases: [CaseRecord]) -> DataTable {
    DataTable(
      id: "latencies",
      caption: "Latency of a call, by percentiles that the number of samples supports, and memory",
      columns: [
        .init("Case"), .init("p50", unit: "ms", isNumber: true),
        .init("p90", unit: "ms", isNumber: true), .init("p95", unit: "ms", isNumber: true, rank: 2),
        .init("p99", unit: "ms", isNumber: true),
        .init("Memory", unit: "MiB", isNumber: true, rank: 1),
        .init("Samples", isNumber: true, rank: 3),
      ],
      rows: cases.map { item in
        let latency = item.derived.latencyMs
        func percentile(_ name: String, _ value: Double?) -> DataTable.Cell {
          .init(
            Wording.percentile(latency, name, value), number: value,
            tone: value == nil ? .quiet : .plain)
        }
        return [
          caseCell(item), percentile("p50", latency?.p50), percentile("p90", latency?.p90),
          percentile("p95", latency?.p95), percentile("p99", latency?.p99),
          memoryCell(item.derived.peakMemoryBytes), count(item.statistics?.n),
        ]
      })
  }

  private func trainingTable(_ cases: [CaseRecord]) -> DataTable {
    let targets = Set(cases.filter { $0.derived.trainingTarget != nil }.map(Wording.target))
      .sorted()
    let cost =
      targets.isEmpty
      ? "USD: no training target" : "USD, \(targets.joined(separator: "; ")), extrapolated"
    return DataTable(
      id: "training", caption: "Training steps (forward, backward, update), with 95 % intervals",
      columns: [
        .init("Case"), .init("Rate", unit: "images/s", isNumber: true),
        .init("To train", unit: cost, isNumber: true),
        .init("Of peak", unit: "%", isNumber: true, rank: 1),
        .init("Direct", unit: "GFLOP/s", isNumber: true, rank: 4),
        .init("Executed", unit: "GFLOP/s", isNumber: true, rank: 5),
        .init("Memory", unit: "MiB", isNumber: true, rank: 3),
      ],
      rows: cases.map { item in
        let derived = item.derived
        guard item.isShown else { return refused(item, columns: 7) }
        return [
          caseCell(item), rateCell(item),
          cell(
            derived.usdToTrain, .plain, interval: Wording.interval(derived.usdToTrainCi95),
            note: Wording.target(item)),
          shareCell(item), cell(derived.gflopsDirect), cell(derived.gflopsExecuted),
          memoryCell(derived.peakMemoryBytes),
        ]
      })
  }

  /// The share of a step that each phase takes; nil where no step was measured.
  private func phaseTable(_ cases: [CaseRecord]) -> DataTable? {
    let shown = cases.filter { $0.isShown && $0.derived.phasePercent != nil }
    let shared = shown.contains { $0.derived.allReduce != nil } ? ["all-reduce"] : []
    let phases =
      ["forward", "backward-data", "backward-weights", "batch-norm", "update", "other"] + shared
    let minor = ["update", "other"]
    guard !shown.isEmpty else { return nil }
    return DataTable(
      id: "phases", caption: "Share of a training step that each phase takes",
      columns: [.init("Case")]
        + phases.map { .init($0, unit: "%", isNumber: true, rank: minor.contains($0) ? 1 : 0) },
      rows: shown.map { item in
        [caseCell(item)] + phases.map { cell(item.derived.phasePercent?[$0]) }
      })
  }

  /// The rate with its interval, marked where the median is not the machine's own.
  func rateCell(_ item: CaseRecord) -> DataTable.Cell {
    let note = item.statistics.map { Wording.intervalBasis($0) } ?? ""
    return cell(
      item.derived.rate, .plain,
      interval: Wording.marked(Wording.rateInterval(item), item), note: note)
  }

  /// The share of the measured peak, or why it is not told.
  func shareCell(_ item: CaseRecord) -> DataTable.Cell { shareCell(item.shareOfPeak) }

  /// The same of any share.
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
