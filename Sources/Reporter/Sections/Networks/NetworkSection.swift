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
    for item in training.map(\.derived.workItem).unique {
      let cases = training.filter { $0.derived.workItem == item }
      blocks.append(.table(trainingTable(cases, of: item)))
    }
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
    // Operations on bytes are no FLOPs: they have a column where there are some.
    let hasBytes = cases.contains { $0.name.precision == .int8 }
    let bytes = CaseColumn("Direct, on bytes", "GOP/s", rank: 1) {
      cell($0.derived.gigaOperationsPerSecond)
    }
    return caseTable(
      item == .image ? "inference" : "inference-\(item.plural)", "Inference, with 95 % intervals",
      cases,
      [
        rate(in: item.rateUnit),
        .init("Cost", "USD per \(item.costUnit)") {
          cell(
            $0.derived.usdPerCount, interval: Wording.interval($0.derived.usdPerCountCi95),
            note: Wording.worth($0) ?? "")
        },
        ofPeak(), direct(rank: 2), executed(rank: 1),
      ] + (hasBytes ? [bytes] : []))
  }

  private func latencyTable(_ cases: [CaseRecord]) -> DataTable {
    caseTable(
      "latencies",
      "Latency of a call, by percentiles that the number of samples supports, and memory", cases,
      [
        percentile("p50", \.p50), percentile("p90", \.p90), percentile("p95", \.p95, rank: 2),
        percentile("p99", \.p99), memory(rank: 1),
        .init("Samples", rank: 3) { count($0.statistics?.n) },
      ])
  }

  private func trainingTable(_ cases: [CaseRecord], of item: WorkItem) -> DataTable {
    let targets = Set(cases.filter { $0.derived.trainingTarget != nil }.map(Wording.target))
      .sorted()
    let cost =
      targets.isEmpty
      ? "USD: no training target" : "USD, \(targets.joined(separator: "; ")), extrapolated"
    let tokens = CaseColumn("Tokens", "tokens/s") {
      cell(
        $0.derived.tokensPerSecond, interval: Wording.interval($0.derived.tokensPerSecondCi95))
    }
    let toTrain = CaseColumn("To train", cost) {
      cell(
        $0.derived.usdToTrain, interval: Wording.interval($0.derived.usdToTrainCi95),
        note: Wording.target($0))
    }
    let hasTokens = cases.contains { $0.derived.tokensPerSecond != nil }
    return caseTable(
      item == .image ? "training" : "training-\(item.plural)",
      "Training steps (forward, backward, update), with 95 % intervals", cases,
      [
        rate(in: item.rateUnit), hasTokens ? tokens : toTrain, ofPeak(rank: 1), direct(rank: 4),
        executed(rank: 5), memory(rank: 3),
      ])
  }

  /// The share of a step that each phase takes; nil where no step was measured.
  private func phaseTable(_ cases: [CaseRecord]) -> DataTable? {
    let shown = cases.filter { $0.isShown && $0.derived.phasePercent != nil }
    let shared = shown.contains { $0.derived.allReduce != nil } ? ["all-reduce"] : []
    let phases =
      ["forward", "backward-data", "backward-weights", "batch-norm", "update", "other"] + shared
    let minor = ["update", "other"]
    guard !shown.isEmpty else { return nil }
    return caseTable(
      "phases", "Share of a training step that each phase takes", shown,
      phases.map { phase in
        CaseColumn(phase, "%", rank: minor.contains(phase) ? 1 : 0) {
          cell($0.derived.phasePercent?[phase])
        }
      })
  }
}
