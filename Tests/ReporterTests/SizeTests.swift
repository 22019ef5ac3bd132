import Economics
import Harness
import Reporter
import Testing

/// A page of the largest run that the presets make stays small enough to be sent and to be quick.
@Suite struct SizeTests {
  @Test func thePageOfARigorousRunStaysSmall() throws {
    var report = try Report.sample(of: rigorous)
    report.claims = try Claims.audit(local: LocalMeasurement(report.record)).claims
    report.findings = try Findings.all()
    report.costs?.inference = try PublicRecord.inferenceCosts()
    report.costs?.training = try PublicRecord.trainingCosts()
    report.costs?.cpuInference = try PublicRecord.cpuInferenceCosts()
    report.costs?.cpuTraining = try PublicRecord.cpuTrainingCosts()
    report.compute?.runs = try PublicRecord.trainingRuns()
    report.roofline = roofline
    report.learning = (1...3).map { learning("network \($0)") }
    report.history =
      history("infer/resnet50/b1/t2/native") + history("train/resnet50/b16/t2/native")
    let page = HTMLReport()
    let bytes = page.text(report).utf8.count
    #expect(bytes > 400_000 && bytes < 1_000_000, "\(bytes) bytes")
    let elements = page.drawingElements(report)
    #expect(elements > 2_000 && elements <= 4_000, "\(elements) elements")
    for chart in report.document.sections.flatMap(\.blocks).compactMap(\.columns) {
      #expect(chart <= 64)
    }
  }

  private let engines = ["openblas", "native"]
  private let directions = ["forward", "backward-data", "backward-weights"]
  /// The distinct convolutions of ResNet-50.
  private let layers = (0..<23).map { "layer\($0 / 6 + 1).\($0 % 6).downsample.0" }

  private var roofline: Report.Roofline {
    var points: [Report.Roofline.Layer] = []
    for (index, layer) in layers.enumerated() {
      for direction in directions {
        for engine in engines {
          let bound = index.isMultiple(of: 3) ? "overhead" : "compute"
          points.append(
            Report.Roofline.Layer(
              name: layer, engine: engine, direction: direction, algorithm: "conv.f32.direct",
              flopPerByte: Double(8 + index), gflops: Double(40 + index * 3), bound: bound,
              lostMs: 0.3, percentOfRoof: 60))
        }
      }
    }
    let levels: [(String, Double)] = [("L1", 800), ("L2", 327), ("L3", 196), ("DRAM", 45)]
    return Report.Roofline(
      peakGflops: 183.4, threads: 2,
      levels: levels.map { Report.Roofline.Level($0.0, gbPerS: $0.1) }, layers: points,
      network: "resnet50")
  }

  private func learning(_ title: String) -> Report.LearningCurve {
    let epochs = (1...30).map { number -> Report.LearningCurve.Epoch in
      .init(number: number, hours: Double(number) / 9, top1: 0.9)
    }
    return Report.LearningCurve(title: title, epochs: epochs)
  }

  private func history(_ id: String) -> [Report.HistoryRun] {
    (0..<60).map { run -> Report.HistoryRun in
      let date: String = "2026-\(10 + run / 30)-\(10 + run % 20)"
      return .init(
        caseID: id, date: date, itemsPerSecond: 60, interval: [55, 65], commit: "0123456789ab",
        level: 60)
    }
  }

  /// Every layer in every direction by two engines, 26 products, six
  /// inferences of ten processes with a thousand samples each.
  private var rigorous: ResultRecord {
    var record = SampleReport.record
    let kernel = record.cases.first { $0.kind == .conv && $0.isValid }
    let inference = record.cases.first { $0.kind == .infer && $0.statistics?.n ?? 0 > 100 }
    guard let kernel, let inference else { return record }
    func copy(_ item: CaseRecord, _ id: String, kind: CaseRecord.Kind? = nil) -> CaseRecord {
      var item = item
      item.id = id
      item.kind = kind ?? item.kind
      return item
    }
    let convolutions = layers.flatMap { layer in
      directions.flatMap { direction in
        engines.map { copy(kernel, "conv/resnet50.\(layer)/\(direction)/b1/t2/\($0)") }
      }
    }
    let products = (0..<26).flatMap { index in
      engines.map {
        copy(kernel, "gemm/\(index + 64)x64x64/t\(index % 2 + 1)/\($0)", kind: .gemm)
      }
    }
    let networks = ["b1", "b16"].flatMap { batch in
      ["openblas", "native-direct", "native"].map { engine -> CaseRecord in
        var item = copy(inference, "infer/resnet50/\(batch)/t2/\(engine)")
        item.processes = (0..<10).flatMap { _ in inference.processes }
        return item
      }
    }
    record.cases = networks + record.cases.filter { $0.kind == .train } + convolutions + products
    return record
  }
}

extension CaseRecord {
  fileprivate var isValid: Bool { validity.ok }
}

extension Document.Block {
  /// Columns of a histogram; nil for other blocks.
  fileprivate var columns: Int? {
    guard case .chart(let chart) = self else { return nil }
    return chart.series.compactMap { series in
      if case .columns = series.form { series.points.count } else { nil }
    }.first
  }
}
