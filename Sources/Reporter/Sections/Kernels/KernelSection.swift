import Harness

extension Report {
  /// GEMM and convolution rates under the measured peak, and the roofline of the layers.
  var kernelSection: Document.Section? {
    let kernels = record.cases.filter { $0.kind == .gemm || $0.kind == .conv }
    let rooflines = [roofline].compactMap { $0 } + lowerRooflines
    guard !kernels.isEmpty || !rooflines.isEmpty || !record.peaks.isEmpty else { return nil }
    var blocks: [Document.Block] = []
    if record.peaks.contains(where: { $0.precision == nil }) { blocks.append(.table(peakTable)) }
    for precision in CaseID.Precision.allCases
    where record.peaks.contains(where: { $0.precision == precision }) {
      blocks.append(.table(lowPeakTable(precision)))
    }
    if let bandwidthTable { blocks.append(.table(bandwidthTable)) }
    for (kind, title) in [(CaseRecord.Kind.gemm, "GEMM"), (.conv, "Convolution")] {
      if let chart = kernelRateChart(kernels.filter { $0.kind == kind }, title: title) {
        blocks.append(.rows(chart))
      }
    }
    for roofline in rooflines {
      guard let chart = rooflineChart(roofline) else { continue }
      blocks.append(.chart(chart))
      if let limits = roofline.limits {
        blocks.append(.paragraph(sentence(of: limits, in: roofline)))
      }
      // Beside whole networks the layers are a detail; without them they are what was asked for.
      let layers = layerTable(roofline)
      blocks.append(measuresNetworks ? .folded(layers) : .table(layers))
    }
    if let engineRatios { blocks.append(.table(ratioTable(engineRatios))) }
    let integer = kernels.filter { $0.name.precision == .int8 }
    if integer.count < kernels.count {
      blocks.append(.table(kernelTable(kernels.filter { $0.name.precision != .int8 })))
    }
    if !integer.isEmpty { blocks.append(.table(integerKernelTable(integer))) }
    guard !kernels.isEmpty || rooflines.contains(where: { !$0.layers.isEmpty }) else {
      return Document.Section(
        id: "kernels", title: "What this machine can do at best", short: "Kernels",
        lead: "No work is faster than its arithmetic, or than what its memory feeds.",
        blocks: blocks)
    }
    return Document.Section(
      id: "kernels", title: "Kernels under the measured peak", short: "Kernels",
      lead:
        "How fast each product and each layer is, and how near it comes to what this CPU can do. "
        + "Direct rates count the operations of the direct algorithm: they rank by time, and may "
        + "exceed the peak where an algorithm saves some. Executed rates count what the algorithm "
        + "multiplies and adds; the peak bounds these.",
      blocks: blocks)
  }

  private var peakTable: DataTable {
    DataTable(
      id: "peaks", caption: "What this machine reaches at best, measured in the same rounds",
      columns: [
        .init("Threads", isNumber: true), .init("FMA peak", unit: "GFLOP/s", isNumber: true),
        .init("Memory bandwidth", unit: "GB/s", isNumber: true),
      ],
      rows: record.peaks.filter { $0.precision == nil }.map {
        [
          count($0.threads), peakCell($0),
          cell($0.bandwidthGbPerS),
        ]
      })
  }

  private func lowPeakTable(_ precision: CaseID.Precision) -> DataTable {
    let peaks = record.peaks.filter { $0.precision == precision }
    let isInteger = precision == .int8
    return DataTable(
      id: isInteger ? "integer-peaks" : "\(precision.rawValue)-peaks",
      caption: "What it reaches with products of \(precision.multiplied)",
      columns: [
        .init("Threads", isNumber: true),
        .init("\(precision.rawValue) peak", unit: peaks.first?.rateUnit ?? "", isNumber: true),
      ],
      rows: peaks.map { [count($0.threads), peakCell($0)] })
  }

  private func peakCell(_ peak: ResultRecord.Peak) -> DataTable.Cell {
    peak.isDisturbed
      ? .init(
        ShareOfPeak.disturbedText,
        note: "the probe's best was \(cell(peak.disturbedRate).text) "
          + peak.rateUnit, tone: .quiet)
      : cell(peak.rate)
  }

  /// Read bandwidth by level of memory and threads; nil where none was measured.
  private var bandwidthTable: DataTable? {
    let cases = record.cases.filter { $0.kind == .peak && $0.isShown && $0.derived.gbPerS != nil }
    guard !cases.isEmpty else { return nil }
    return caseTable(
      "bandwidths", "What each level of the memory feeds", cases,
      [.init("Bandwidth", "GB/s") { cell($0.derived.gbPerS) }])
  }

  private func kernelTable(_ cases: [CaseRecord]) -> DataTable {
    caseTable(
      "kernel-cases", "Kernels, case by case; rates follow from the median time", cases,
      [time, direct(rank: 2), executed(), ofPeak(), algorithm, samples])
  }

  /// Kernels on bytes, beside the peak of these.
  private func integerKernelTable(_ cases: [CaseRecord]) -> DataTable {
    caseTable(
      "integer-kernel-cases",
      "Kernels on bytes, case by case; a multiply-add counts as two operations", cases,
      [
        time, .init("Direct", "GOP/s", rank: 2) { cell($0.derived.gigaOperationsPerSecond) },
        executedOnBytes, ofPeak(), algorithm, samples,
      ])
  }

  /// What the algorithm multiplies and adds, over the median time, where that is known.
  private var executedOnBytes: CaseColumn {
    .init("Executed", "GOP/s") { item in
      let executed = item.flop.executed
      return cell(executed > 0 ? item.statistics.map { executed / $0.medianNs } : nil)
    }
  }

  private var time: CaseColumn {
    .init("Time", "ms") { item in
      guard let statistics = item.statistics else { return cell(nil) }
      return .init(
        Wording.milliseconds(statistics.medianNs), number: statistics.medianNs,
        interval: Wording.marked(Wording.timeInterval(statistics), item),
        note: Wording.intervalBasis(statistics))
    }
  }

  private var algorithm: CaseColumn {
    var column = CaseColumn("Algorithm", rank: 1) { .init($0.algorithm, tone: .code) }
    column.head.isNumber = false
    return column
  }

  private var samples: CaseColumn { .init("n", rank: 3) { count($0.statistics?.n) } }
}
