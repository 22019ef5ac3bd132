import Harness

extension Report {
  /// GEMM and convolution rates under the measured peak, and the roofline of the layers.
  var kernelSection: Document.Section? {
    let kernels = record.cases.filter { $0.kind == .gemm || $0.kind == .conv }
    guard !kernels.isEmpty || roofline != nil || !record.peaks.isEmpty else { return nil }
    var blocks: [Document.Block] = []
    if !record.peaks.isEmpty { blocks.append(.table(peakTable)) }
    if let bandwidthTable { blocks.append(.table(bandwidthTable)) }
    for (kind, title) in [(CaseRecord.Kind.gemm, "GEMM"), (.conv, "Convolution")] {
      if let chart = rateChart(kernels.filter { $0.kind == kind }, title: title) {
        blocks.append(.rows(chart))
      }
    }
    if let roofline, let chart = rooflineChart {
      blocks.append(.chart(chart))
      if let limits = roofline.limits { blocks.append(.paragraph(sentence(of: limits))) }
      // Beside whole networks the layers are a detail; without them they are what was asked for.
      let layers = layerTable(roofline)
      blocks.append(measuresNetworks ? .folded(layers) : .table(layers))
    }
    if let engineRatios { blocks.append(.table(ratioTable(engineRatios))) }
    if !kernels.isEmpty { blocks.append(.table(kernelTable(kernels))) }
    guard !kernels.isEmpty || roofline?.layers.isEmpty == false else {
      return Document.Section(
        id: "kernels", title: "What this machine can do at best", short: "Roofs",
        lead: "No work is faster than its arithmetic, or than what its memory feeds.",
        blocks: blocks)
    }
    return Document.Section(
      id: "kernels", title: "Kernels under the measured peak", short: "Kernels",
      lead: "How near each product and each layer comes to what this CPU can do. Executed rates "
        + "count what the algorithm multiplies and adds; direct rates count the textbook's "
        + "operations and may exceed the peak where an algorithm saves some.",
      blocks: blocks)
  }

  private var peakTable: DataTable {
    DataTable(
      id: "peaks", caption: "What this machine reaches at best, measured in the same rounds",
      columns: [
        .init("Threads", isNumber: true), .init("FMA peak", unit: "GFLOP/s", isNumber: true),
        .init("Memory bandwidth", unit: "GB/s", isNumber: true),
      ],
      rows: record.peaks.map {
        [
          count($0.threads), cell($0.fmaGflops),
          cell($0.bandwidthGbPerS),
        ]
      })
  }

  /// Read bandwidth by level of memory and threads; nil where none was measured.
  private var bandwidthTable: DataTable? {
    let cases = record.cases.filter { $0.kind == .peak && $0.isShown && $0.derived.gbPerS != nil }
    guard !cases.isEmpty else { return nil }
    return DataTable(
      id: "bandwidths", caption: "What each level of the memory feeds",
      columns: [.init("Case"), .init("Bandwidth", unit: "GB/s", isNumber: true)],
      rows: cases.map { [caseCell($0), cell($0.derived.gbPerS)] })
  }

  /// One row a shape, one mark an engine, the measured peaks as upright lines.
  private func rateChart(_ cases: [CaseRecord], title: String) -> RowChart? {
    let shown = cases.filter { $0.isShown && $0.derived.gflopsExecuted != nil }
    guard !shown.isEmpty else { return nil }
    var engines: [String] = []
    var names: [CaseID] = []
    for item in shown {
      let engine = CaseID.engine(of: item.id)
      if !engines.contains(engine) { engines.append(engine) }
      names.append(item.name)
    }
    let naming = RowNaming(names)
    var rows: [String] = []
    for row in names.map(naming.text) where !rows.contains(row) { rows.append(row) }
    let shapes: [Chart.Shape] = [.ring, .circle, .diamond, .triangle, .square]
    let series = engines.enumerated().map { index, engine in
      RowChart.Series(
        id: "engine-\(index)", name: engine,
        colour: engine == "native" ? .accent : Palette.series(index), shape: shapes[index % 5])
    }
    let threads = Set(shown.compactMap { $0.name.threads })
    let rules = record.peaks.filter { threads.contains($0.threads) }.compactMap { peak in
      peak.fmaGflops.map {
        Chart.Rule(
          .vertical, at: $0,
          label: "measured FMA peak, \(Wording.threads(peak.threads)): "
            + "\(NumberFormat.significant($0)) GFLOP/s")
      }
    }
    return RowChart(
      id: "\(title.lowercased())-rates",
      title: "\(title) rates under the measured peak\(naming.common)",
      summary: "\(shown.count) cases of \(Wording.list(engines)), the fastest rightmost; the line "
        + "through a mark is its 95 % interval.",
      axis: .init("Executed rate", unit: "GFLOP/s", fromZero: true), series: series,
      rows: rows.map { row in
        .init(
          row,
          marks: zip(shown, names).filter { naming.text($1) == row }.compactMap { item, _ in
            mark(item, engines: engines)
          })
      }, rules: rules)
  }

  private func mark(_ item: CaseRecord, engines: [String]) -> RowChart.Mark? {
    guard let rate = item.derived.gflopsExecuted else { return nil }
    let engine = CaseID.engine(of: item.id)
    guard let index = engines.firstIndex(of: engine) else { return nil }
    let share = item.derived.percentOfPeak.map { ", \(NumberFormat.significant($0)) % of peak" }
    return .init(
      series: "engine-\(index)", value: rate, interval: rateInterval(item),
      detail: "\(item.id) (\(item.algorithm)): \(NumberFormat.significant(rate)) GFLOP/s executed"
        + (share ?? ""))
  }

  /// The interval of the time of a call, as rates.
  private func rateInterval(_ item: CaseRecord) -> ClosedRange<Double>? {
    guard let bounds = item.statistics?.ci95Ns, bounds.count == 2, 0 < bounds[0],
      item.flop.executed > 0,
      bounds[0] <= bounds[1]
    else { return nil }
    return item.flop.executed / bounds[1]...item.flop.executed / bounds[0]
  }

  private func kernelTable(_ cases: [CaseRecord]) -> DataTable {
    DataTable(
      id: "kernel-cases", caption: "Kernels, case by case; rates follow from the median time",
      columns: [
        .init("Case"), .init("Time", unit: "ms", isNumber: true),
        .init("Executed", unit: "GFLOP/s", isNumber: true),
        .init("Of peak", unit: "%", isNumber: true),
        .init("Direct", unit: "GFLOP/s", isNumber: true, rank: 2),
        .init("Algorithm", rank: 1), .init("n", isNumber: true, rank: 3),
      ],
      rows: cases.map { item in
        guard item.isShown, let statistics = item.statistics else {
          return refused(item, columns: 7)
        }
        return [
          caseCell(item),
          .init(
            Wording.milliseconds(statistics.medianNs), number: statistics.medianNs,
            interval: Wording.timeInterval(statistics), note: Wording.intervalBasis(statistics)),
          cell(item.derived.gflopsExecuted), cell(item.derived.percentOfPeak),
          cell(item.derived.gflopsDirect), .init(item.algorithm, tone: .code),
          count(statistics.n),
        ]
      })
  }
}

/// Names of a chart's rows, without what all of them share.
private struct RowNaming {
  private let network: String?
  private let threads: Int?

  init(_ names: [CaseID]) {
    let networks = Set(names.map { RowNaming.network(of: $0.subject) })
    network = networks.count == 1 ? networks.first ?? nil : nil
    let counts = Set(names.map(\.threads))
    threads = counts.count == 1 ? counts.first ?? nil : nil
  }

  /// `resnet50` of `resnet50.layer1.0.conv1`.
  private static func network(of subject: String) -> String? {
    subject.contains(".") ? subject.split(separator: ".").first.map(String.init) : nil
  }

  /// What the rows share, for the title.
  var common: String {
    [
      network.map { "layers of \(Wording.network($0))" },
      threads.map(Wording.threads),
    ].compactMap { $0 }.map { ", \($0)" }.joined()
  }

  /// `layer1.0.conv1`, `256×256×256 t1`, `layer4.0.conv2 backward-data b16`.
  func text(_ name: CaseID) -> String {
    let subject =
      network.map { String(name.subject.dropFirst($0.count + 1)) }
      ?? (name.subject.allSatisfy { $0.isNumber || $0 == "x" }
        ? name.subject.replacing("x", with: "×") : name.subject)
    let batch = name.batch == 1 ? nil : name.batch.map { "b\($0)" }
    return [
      subject, name.direction == .forward ? nil : name.direction?.rawValue, batch,
      name.inputSize.map { "i\($0)" },
      threads == nil ? name.threads.map { "t\($0)" } : nil,
    ].compactMap { $0 }.joined(separator: " ")
  }
}
