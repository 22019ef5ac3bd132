import Harness

extension Report {
  /// GEMM and convolution rates under the measured peak, and the roofline of the layers.
  var kernelSection: Document.Section? {
    let kernels = record.cases.filter { $0.kind == .gemm || $0.kind == .conv }
    guard !kernels.isEmpty || roofline != nil || !record.peaks.isEmpty else { return nil }
    var blocks: [Document.Block] = []
    if !record.peaks.isEmpty { blocks.append(.table(peakTable)) }
    for (kind, title) in [(CaseRecord.Kind.gemm, "GEMM"), (.conv, "Convolution")] {
      if let chart = rateChart(kernels.filter { $0.kind == kind }, title: title) {
        blocks.append(.rows(chart))
      }
    }
    if let chart = rooflineChart { blocks.append(.chart(chart)) }
    if let roofline { blocks.append(.folded(layerTable(roofline))) }
    if !kernels.isEmpty { blocks.append(.table(kernelTable(kernels))) }
    return Document.Section(
      id: "kernels", title: "Kernels under the measured peak", short: "Kernels",
      lead: "Executed rates count what the algorithm multiplies and adds; direct rates count the "
        + "textbook's operations and may exceed the peak where an algorithm saves some.",
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

  /// One row a shape, one mark an engine, the measured peaks as upright lines.
  private func rateChart(_ cases: [CaseRecord], title: String) -> RowChart? {
    let shown = cases.filter { $0.isShown && $0.derived.gflopsExecuted != nil }
    guard !shown.isEmpty else { return nil }
    var engines: [String] = []
    var rows: [String] = []
    for item in shown {
      let name = CaseName(item.id)
      let engine = name.engine ?? item.algorithm
      if !engines.contains(engine) { engines.append(engine) }
      let row = rowName(name)
      if !rows.contains(row) { rows.append(row) }
    }
    let shapes: [Chart.Shape] = [.ring, .circle, .diamond, .triangle, .square]
    let series = engines.enumerated().map { index, engine in
      RowChart.Series(
        id: "engine-\(index)", name: engine,
        colour: engine == "native" ? .accent : Palette.series(index), shape: shapes[index % 5])
    }
    let threads = Set(shown.compactMap { CaseName($0.id).threads.flatMap { Int($0) } })
    let rules = record.peaks.filter { threads.contains($0.threads) }.compactMap { peak in
      peak.fmaGflops.map {
        Chart.Rule(
          .vertical, at: $0,
          label: "measured FMA peak, \(Wording.threads(peak.threads)): "
            + "\(NumberFormat.significant($0)) GFLOP/s")
      }
    }
    return RowChart(
      id: "\(title.lowercased())-rates", title: "\(title) rates under the measured peak",
      summary: "\(shown.count) cases of \(engines.joined(separator: ", ")); the table below has "
        + "each figure.",
      axis: .init("Executed rate", unit: "GFLOP/s", fromZero: true), series: series,
      rows: rows.map { row in
        .init(
          row,
          marks: shown.filter { rowName(CaseName($0.id)) == row }.compactMap { item in
            mark(item, engines: engines)
          })
      }, rules: rules)
  }

  private func rowName(_ name: CaseName) -> String {
    let batch = name.batch == "1" ? nil : name.batch.map { "b\($0)" }
    return [
      name.subject, name.direction == "forward" ? nil : name.direction, batch,
      name.threads.map { "t\($0)" },
    ].compactMap { $0 }.joined(separator: " ")
  }

  private func mark(_ item: CaseRecord, engines: [String]) -> RowChart.Mark? {
    guard let rate = item.derived.gflopsExecuted else { return nil }
    let engine = CaseName(item.id).engine ?? item.algorithm
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

  // MARK: Roofline

  private var rooflineChart: Chart? {
    guard let roofline, !roofline.layers.isEmpty else { return nil }
    let intensities = roofline.layers.map(\.flopPerByte)
    let xDomain = Scale.domain(
      of: intensities + roofline.levels.map { roofline.peakGflops / $0.gbPerS },
      kind: .logarithmic)
    let roofs = roofline.levels.map { level in
      roof(level, peak: roofline.peakGflops, over: xDomain)
    }
    let points = layerSeries(roofline)
    let rates = roofline.layers.map(\.gflops) + [roofline.peakGflops]
    return Chart(
      id: "roofline", title: "Roofline, \(Wording.threads(roofline.threads))",
      summary: "\(roofline.layers.count) layers under the measured roofs; the twelve that lose "
        + "most time to the roof are named.",
      x: .init(
        "Arithmetic intensity", unit: "FLOP per byte", kind: .logarithmic, domain: xDomain),
      y: .init(
        "Executed rate", unit: "GFLOP/s", kind: .logarithmic,
        domain: Scale.domain(of: rates, kind: .logarithmic)),
      series: roofs + points,
      rules: [
        .init(
          .horizontal, at: roofline.peakGflops,
          label: "measured FMA peak \(NumberFormat.significant(roofline.peakGflops)) GFLOP/s")
      ], height: 480)
  }

  /// The slanted part of a roof: as fast as the level can feed the arithmetic.
  private func roof(
    _ level: Roofline.Level, peak: Double, over domain: ClosedRange<Double>
  ) -> Chart.Series {
    let corner = min(peak / level.gbPerS, domain.upperBound)
    return .init(
      id: "roof-\(level.name.lowercased())",
      name: "\(level.name) \(NumberFormat.significant(level.gbPerS)) GB/s", colour: .grey,
      form: .line,
      points: [domain.lowerBound, corner].map {
        .init(
          x: $0, y: $0 * level.gbPerS, label: $0 == corner ? level.name : nil,
          detail: "\(level.name): \(NumberFormat.significant(level.gbPerS)) GB/s", rank: 20)
      })
  }

  /// Colour tells what binds a layer, shape tells the direction; the layers that lose most time
  /// are named.
  private func layerSeries(_ roofline: Roofline) -> [Chart.Series] {
    let colours: [String: Palette] = [
      "compute": .green, "L2": .earth, "L3": .blue, "DRAM": .purple, "overhead": .accent,
    ]
    let shapes: [(String, Chart.Shape)] = [
      ("forward", .circle), ("backward-data", .triangle), ("backward-weights", .square),
    ]
    let named = Set(
      roofline.layers.sorted { $0.lostMs > $1.lostMs }.prefix(12).map { $0.name + $0.direction })
    let bounds = roofline.layers.map(\.bound).reduce(into: [String]()) { seen, bound in
      if !seen.contains(bound) { seen.append(bound) }
    }
    return bounds.flatMap { bound in
      shapes.compactMap { direction, shape -> Chart.Series? in
        let layers = roofline.layers.filter { $0.bound == bound && $0.direction == direction }
        guard !layers.isEmpty else { return nil }
        return .init(
          id: "bound-\(bound)-\(direction)".lowercased(), name: "\(bound)-bound, \(direction)",
          colour: colours[bound] ?? .grey, form: .points(shape),
          points: layers.map { point($0, isNamed: named.contains($0.name + $0.direction)) })
      }
    }
  }

  private func point(_ layer: Roofline.Layer, isNamed: Bool) -> Chart.Point {
    .init(
      x: layer.flopPerByte, y: layer.gflops, label: isNamed ? layer.name : nil,
      detail: "\(layer.name) \(layer.direction), \(layer.algorithm): "
        + "\(NumberFormat.significant(layer.gflops)) GFLOP/s, "
        + "\(NumberFormat.significant(layer.percentOfRoof)) % of the roof, \(layer.bound)-bound, "
        + "\(NumberFormat.significant(layer.lostMs)) ms above the roof",
      rank: isNamed ? 5 : 0)
  }

  private func layerTable(_ roofline: Roofline) -> DataTable {
    DataTable(
      id: "layers", caption: "Layers under the roof, and the time lost to it",
      columns: [
        .init("Layer"), .init("Direction"), .init("Algorithm", rank: 2),
        .init("Intensity", unit: "FLOP per byte", isNumber: true, rank: 3),
        .init("Executed", unit: "GFLOP/s", isNumber: true),
        .init("Of roof", unit: "%", isNumber: true), .init("Bound by"),
        .init("Lost", unit: "ms", isNumber: true),
      ],
      rows: roofline.layers.map { layer in
        [
          .init(layer.name, tone: .code), .init(layer.direction), .init(layer.algorithm),
          cell(layer.flopPerByte), cell(layer.gflops), cell(layer.percentOfRoof),
          .init(layer.bound), cell(layer.lostMs),
        ]
      })
  }
}
