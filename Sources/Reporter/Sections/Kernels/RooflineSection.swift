import Harness

extension Report {
  /// Layers as points under the measured ceilings; nil where there are none.
  func rooflineChart(_ roofline: Roofline) -> Chart? {
    guard !roofline.layers.isEmpty else { return nil }
    let (peak, rate) = (roofline.peakName, roofline.rateUnit)
    let intensities = roofline.layers.map(\.flopPerByte)
    let xDomain = Scale.domain(
      of: intensities + roofline.levels.map { roofline.peakGflops / $0.gbPerS },
      kind: .logarithmic)
    let title = roofline.network.isEmpty ? "" : " of \(Wording.network(roofline.network))'s layers"
    let roofs = roofline.levels.map { level in
      roof(level, peak: roofline.peakGflops, over: xDomain)
    }
    let points = layerSeries(roofline)
    let rates = roofline.layers.map(\.gflops) + [roofline.peakGflops]
    let count = roofline.layers.count
    let which =
      count > Self.namedLayers
      ? "Of \(count) marks the twelve with the largest gap to it are" : "Marks are"
    return Chart(
      id: "roofline" + roofline.suffix,
      title: "Roofline\(title)\(roofline.inPrecision), \(Wording.threads(roofline.threads))",
      summary: "No layer can lie above the slanted lines, which are what each memory level feeds, "
        + "nor above the measured \(peak) peak. Colour tells the engine, shape the direction. "
        + "\(which) named as far as there is room.",
      x: .init(
        "Arithmetic intensity", unit: roofline.intensityUnit, kind: .logarithmic, domain: xDomain),
      y: .init(
        "Executed rate", unit: rate, kind: .logarithmic,
        domain: Scale.domain(of: rates, kind: .logarithmic)),
      series: roofs + points,
      rules: [
        .init(
          .horizontal, at: roofline.peakGflops,
          label: "measured \(peak) peak \(NumberFormat.significant(roofline.peakGflops)) \(rate)")
      ], height: 480)
  }

  /// A slanted ceiling: as fast as the level can feed the arithmetic.
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
      }, isListed: false)
  }

  /// Twelve, as the caption says.
  private static let namedLayers = 12

  /// Colour tells the engine, shape the direction; the layers that lose most time are named.
  ///
  /// What binds a layer is told by its place under the ceilings, and by the table.
  private func layerSeries(_ roofline: Roofline) -> [Chart.Series] {
    let shapes: [(String, Chart.Shape)] = [
      ("forward", .circle), ("backward-data", .triangle), ("backward-weights", .square),
    ]
    let named = Set(
      roofline.layers.sorted { $0.lostMs > $1.lostMs }.prefix(Self.namedLayers).map(\.key))
    return roofline.layers.map(\.engine).unique.enumerated().flatMap { index, engine in
      shapes.compactMap { direction, shape -> Chart.Series? in
        let layers = roofline.layers.filter { $0.engine == engine && $0.direction == direction }
        guard !layers.isEmpty else { return nil }
        return .init(
          id: "layers-\(index)-\(direction)".lowercased(), name: "\(engine), \(direction)",
          colour: engine == "native" ? .accent : Palette.series(index), form: .points(shape),
          points: layers.map { point($0, roofline, isNamed: named.contains($0.key)) })
      }
    }
  }

  private func point(
    _ layer: Roofline.Layer, _ roofline: Roofline, isNamed: Bool
  ) -> Chart.Point {
    .init(
      x: layer.flopPerByte, y: layer.gflops, label: isNamed ? "\(layer.name) \(layer.engine)" : nil,
      detail: "\(layer.name) \(layer.direction), \(layer.engine), \(layer.algorithm): "
        + "\(NumberFormat.significant(layer.gflops)) \(roofline.rateUnit), "
        + "\(roofShare(layer)) of the roofline, \(layer.bound)-bound, "
        + "\(NumberFormat.significant(layer.lostMs)) ms above it",
      rank: isNamed ? 5 : 0)
  }

  private func roofShare(_ layer: Roofline.Layer) -> String {
    let share = ShareOfPeak(layer.percentOfRoof)
    return share.text { NumberFormat.significant($0) } + (share.percent == nil ? "" : " %")
  }

  /// Every layer with its place under the roofline.
  func layerTable(_ roofline: Roofline) -> DataTable {
    DataTable(
      id: "layers" + roofline.suffix,
      caption: "Layers\(roofline.inPrecision) under the roofline, with their gap to it",
      columns: [
        .init("Layer"), .init("Engine"), .init("Direction"), .init("Algorithm", rank: 2),
        .init("Intensity", unit: roofline.intensityUnit, isNumber: true, rank: 3),
        .init("Executed", unit: roofline.rateUnit, isNumber: true),
        .init("Of roofline", unit: "%", isNumber: true), .init("Bound by"),
        .init("Gap", unit: "ms", isNumber: true),
      ],
      rows: roofline.layers.map { layer in
        [
          .init(layer.name, tone: .code), .init(layer.engine), .init(layer.direction),
          .init(layer.algorithm),
          cell(layer.flopPerByte), cell(layer.gflops), shareCell(ShareOfPeak(layer.percentOfRoof)),
          .init(layer.bound), cell(layer.lostMs),
        ]
      })
  }

  /// What limits the layers of the engine that comes nearest to the roofline, in sentences.
  func sentence(of limits: Roofline.Limits, in roofline: Roofline) -> String {
    let reasons = [
      ("compute", "the CPU's arithmetic"), ("L2", "the L2 cache"), ("L3", "the L3 cache"),
      ("DRAM", "memory"),
      ("overhead", "overhead (under half of the roofline: loops, packing and edges take the time)"),
    ].compactMap { bound, words in limits.counts[bound].map { "\(words) limits \($0)" } }
    var text = "What limits the \(limits.counts.values.reduce(0, +)) layers and directions of "
    text += "'\(limits.engine)'\(roofline.inPrecision): \(Wording.list(reasons))."
    if let worst = limits.worst {
      text += " The largest gap to the roofline is that of \(worst.name) \(worst.direction): "
      text += "\(NumberFormat.significant(worst.lostMs)) ms a call, "
      text += "\(NumberFormat.significant(limits.worstPercent, digits: 2)) % of all."
    }
    return text
  }
}

extension Report.Roofline.Layer {
  /// One layer in one direction by one engine.
  fileprivate var key: String { "\(name) \(direction) \(engine)" }
}

extension Report.Roofline {
  /// What ends the ids of its chart and table.
  fileprivate var suffix: String { precision.map { "-\($0.rawValue)" } ?? "" }
  /// ` in int8`; nothing for float32.
  fileprivate var inPrecision: String { precision.map { " in \($0.rawValue)" } ?? "" }
  /// Of what its peak is.
  fileprivate var peakName: String {
    switch precision {
    case .int8?: "integer"
    case .bf16?: "bf16"
    case nil: "FMA"
    }
  }
  fileprivate var rateUnit: String { precision == .int8 ? "GOP/s" : "GFLOP/s" }
  fileprivate var intensityUnit: String {
    precision == .int8 ? "operations per byte" : "FLOP per byte"
  }
}
