import Basics
import Economics
import Foundation
import Harness
import Reporter
import TestSupport

extension TerminalReport {
  func text(_ report: Report) -> String { text(report.document) }
}

extension MarkdownReport {
  func text(_ report: Report) -> String { text(report.document) }
}

extension HTMLReport {
  func text(_ report: Report) -> String { text(report.document) }
}

extension ScreenReport {
  func text(_ report: Report, rest: String) -> String {
    let document = report.document
    return text(report.screen(of: document), of: document, rest: rest)
  }
}

/// A report on a machine that does not exist: every figure is made up from a seed.
enum SampleReport {
  static let machine = "Synthetic Processor 9000 (sample data)"

  static var record: ResultRecord {
    var random = SeededRandom(seed: 2)
    let latency = (0..<700).map { _ in
      41e6 + 6e6 * -log(Double.random(in: 0.001...1, using: &random))
    }
    var record = ResultRecord(
      context: context,
      peaks: [
        .init(threads: 1, fmaGflops: 91.8, bandwidthGbPerS: 17.2),
        .init(threads: 2, fmaGflops: 183.4, bandwidthGbPerS: 24.9),
      ],
      cases: [
        network(.infer, "b1/t2/openblas", rate: 9.7, samples: latency.map { $0 * 2.4 }, peak: 51),
        network(.infer, "b16/t2/openblas", rate: 10.4, samples: [1.5e9, 1.55e9, 1.53e9], peak: 55),
        network(.infer, "b1/t2/native", rate: 22.9, samples: latency, peak: 81),
        network(.infer, "b16/t2/native", rate: 24.4, samples: [6.5e8, 6.6e8, 6.56e8], peak: 84),
        network(.train, "b16/t2/native", rate: 5.1, samples: [3.1e9, 3.2e9, 3.14e9], peak: 69),
      ] + kernels + [refused])
    record.setPrice(
      Price(
        usdPerHour: 0.096, basis: "on-demand", instance: "sample.large", region: "sample-1",
        asOf: "2026-07-20", source: "a made-up price list"))
    return record
  }

  static var report: Report {
    get throws {
      var report = try Report.sample(of: record)
      report.recordFile = "run.json"
      report.roofline = roofline
      let epochs = (1...6).map { number -> Report.LearningCurve.Epoch in
        let n = Double(number)
        return .init(number: number, hours: n * 0.043, top1: 0.92 - 0.2 / (n * n))
      }
      report.learning = [
        .init(
          title: "resnet20 on a synthetic data set", epochs: epochs,
          basis: "2 CPU threads, native, seed 1", usdPerHour: 0.096),
        .init(
          title: "alexnet-small on a synthetic data set",
          epochs: epochs.map {
            .init(number: $0.number, hours: $0.hours * 0.4, top1: $0.top1 * 0.97)
          }),
      ]
      report.history = (0..<18).map { index -> Report.HistoryRun in
        let run = index % 9
        let level: Double = run < 4 ? 17.1 : 24.2
        let rate: Double = level + Double(run % 3) * 0.2
        let month = run < 5 ? 10 : 11
        return .init(
          caseID: "\(index < 9 ? "infer" : "train")/resnet50/b16/t2/native",
          date: "2026-\(month)-0\(run + 1)T10:00:00Z",
          itemsPerSecond: rate, interval: [rate - 0.5, rate + 0.5], commit: "abc\(run)",
          level: level, step: run < 4 ? nil : 24.2 / 17.1 - 1)
      }
      return report
    }
  }

  /// The record with few samples, for tests that make many of it.
  static var briefRecord: ResultRecord {
    var record = record
    for index in record.cases.indices {
      for process in record.cases[index].processes.indices {
        let samples = record.cases[index].processes[process].samplesNs
        record.cases[index].processes[process].samplesNs = Array(samples.prefix(40))
        record.cases[index].processes[process].flags = samples.prefix(40).map { _ in "" }
      }
    }
    return record
  }

  /// The report with `text` wherever a stored run can carry words of its own.
  static func report(saying text: String) throws -> Report {
    var record = briefRecord
    record.context.machine.cpu = text
    record.context.machine.hypervisor = text
    record.context.kernel = text
    record.context.compiler = text
    record.context.environment = [text: text]
    record.context.arguments = [text]
    record.context.libraries = [.init(name: text, version: text, configuration: text)]
    record.price?.basis = text
    record.price?.source = text
    for index in record.cases.indices {
      record.cases[index].algorithm = text
      record.cases[index].repeat = "costcurve infer " + text
      if index > 0 { record.cases[index].id += text }
      if !record.cases[index].validity.ok { record.cases[index].validity.reasons = [text] }
    }
    var report = try Report.sample(of: record)
    report.doubts = [.init(text, remedy: text)]
    report.generations = [1, 2].map {
      .init(
        name: text, detail: text, itemsPerSecond: 3 * $0,
        ratio: .init($0, interval: [$0, $0]))
    }
    report.findings = [
      .init(id: text, title: text, statement: text, inputs: [], inference: text, claims: [text])
    ]
    report.learning = [
      .init(title: text, epochs: [.init(number: 1, hours: 1, top1: 0.5)], basis: text)
    ]
    report.history = (1...2).map {
      .init(caseID: text, date: "2026-11-0\($0)", itemsPerSecond: 4, commit: text)
    }
    return report
  }

  private static var context: Context {
    var context = Context.sample(
      cpu: machine, date: "2026-11-21T10:20:30Z", arguments: ["run", "--quick"])
    context.machine.caches = [
      .init(level: 1, type: "data", bytes: 32_768, sharedBy: 1),
      .init(level: 2, type: "unified", bytes: 1_048_576, sharedBy: 1),
      .init(level: 3, type: "unified", bytes: 33_554_432, sharedBy: 2),
    ]
    context.machine.hypervisor = "KVM"
    context.compiler = "Swift 6.3.1"
    context.libraries = [
      .init(name: "OpenBLAS", version: "0.3.21", configuration: "Zen, 2 threads")
    ]
    context.git = .init(commit: "0123456789abcdef", dirty: false)
    (context.clock.costNs, context.clock.stepNs) = (31, 1)
    (context.noise.stealPercent, context.noise.preemptionPercent) = (0.4, 14)
    context.noise.pressurePercent = 3
    context.environment = ["OPENBLAS_NUM_THREADS": "2"]
    context.noise.otherProcessesPercent = 1.2
    return context
  }

  private static func network(
    _ kind: CaseRecord.Kind, _ configuration: String, rate: Double, samples: [Double], peak: Double
  ) -> CaseRecord {
    let batch: Double = configuration.hasPrefix("b16") ? 16 : 1
    let flop = 8.178368512e9 * batch * (kind == .train ? 3 : 1)
    let sorted = samples.sorted()
    let hasInterval = samples.count > 8
    var derived = CaseRecord.Derived()
    derived.imagesPerSecond = rate
    derived.imagesPerSecondCi95 = hasInterval || batch > 1 ? [rate * 0.972, rate * 1.021] : nil
    derived.gflopsDirect = rate / batch * flop / 1e9
    derived.gflopsExecuted = rate / batch * flop / 1.3e9
    derived.percentOfPeak = peak
    derived.peakMemoryBytes = Int(batch) * 21_000_000 + 290_000_000
    if kind == .infer {
      let percentile = { (share: Double) in sorted[Int(Double(sorted.count - 1) * share)] / 1e6 }
      // What fewer samples need is told by the rule.
      var latency = PercentileRule.latency(ofNs: samples)
      latency.p50 = percentile(0.5)
      if hasInterval {
        (latency.p90, latency.p95) = (percentile(0.9), percentile(0.95))
        latency.p99 = percentile(0.99)
      }
      derived.latencyMs = latency
    }
    let median = batch / rate * 1e9
    return CaseRecord(
      id: "\(kind.rawValue)/resnet50/\(configuration)", kind: kind,
      parameters: ["network": "resnet50", "batch_size": 16, "input_size": 224, "classes": 1000],
      algorithm: "plan", flop: .init(direct: flop, executed: flop / 1.3),
      correctness: .init(status: .passed, maxError: 3e-7),
      accuracy: .init(status: "not evaluated"),
      processes: [
        .init(
          samplesNs: samples, flags: samples.map { _ in "" }, callsPerSample: 1, warmupNs: [],
          peakMemoryBytes: derived.peakMemoryBytes)
      ],
      statistics: .init(
        medianNs: median, ci95Ns: hasInterval ? [median * 0.98, median * 1.03] : nil,
        ci95Method: hasInterval ? "blocks" : nil, p05Ns: median * 0.95, relativeIqr: 0.08,
        n: samples.count, nEffective: Double(samples.count) / 2, minNs: median * 0.94,
        maxNs: median * 1.3, provisional: true),
      derived: derived, validity: .init(ok: true),
      repeat: "costcurve \(kind.rawValue) --network resnet50 --batch-size \(Int(batch))")
  }

  private static var kernels: [CaseRecord] {
    let layers = ["conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv2", "layer4.2.conv3"]
    return layers.enumerated().flatMap { index, layer in
      ["openblas", "native"].map { engine in
        let rate = (engine == "native" ? 150.0 : 100) + Double(index * 6)
        return kernel("conv/resnet50.\(layer)/forward/b1/t2/\(engine)", .conv, gflops: rate)
      }
    }
      + [256, 1_024].map {
        kernel("gemm/\($0)x\($0)x\($0)/t1/openblas", .gemm, gflops: 70 + Double($0) / 80)
      }
  }

  private static func kernel(_ id: String, _ kind: CaseRecord.Kind, gflops: Double) -> CaseRecord {
    var derived = CaseRecord.Derived()
    derived.gflopsDirect = gflops * 1.1
    derived.gflopsExecuted = gflops
    derived.percentOfPeak = kind == .gemm ? gflops / 0.918 : gflops / 1.834
    let median = 2.4e8 / gflops
    return CaseRecord(
      id: id, kind: kind, parameters: [:], algorithm: "\(kind.rawValue).f32.sample",
      flop: .init(direct: 2.64e8, executed: 2.4e8),
      correctness: .init(status: .passed, maxError: 0),
      accuracy: .init(status: "not applicable"),
      processes: [.init(samplesNs: [median], flags: [""], callsPerSample: 4, warmupNs: [])],
      statistics: .init(
        medianNs: median, ci95Ns: [median * 0.97, median * 1.04], ci95Method: "blocks",
        p05Ns: median * 0.95, relativeIqr: 0.1, n: 64, nEffective: 40, minNs: median * 0.9,
        maxNs: median * 2, provisional: true),
      derived: derived, validity: .init(ok: true), repeat: "costcurve kernels --filter '\(id)'")
  }

  /// A case whose answer was wrong: it has no speed to show.
  private static var refused: CaseRecord {
    CaseRecord(
      id: "conv/resnet50.layer3.0.conv2/forward/b1/t2/native", kind: .conv, parameters: [:],
      algorithm: "conv.f32.winograd4x3", flop: .init(direct: 2.3e8, executed: 0.8e8),
      correctness: .init(status: .failed, maxError: 0.4),
      accuracy: .init(status: "not applicable"), processes: [], statistics: nil,
      derived: .init(),
      validity: .init(ok: false, reasons: ["wrong answer: relative error 0.4"]),
      repeat: "costcurve kernels --filter layer3.0.conv2")
  }

  private static var roofline: Report.Roofline {
    let directions = ["forward", "backward-data", "backward-weights"]
    let layers = (0..<23).flatMap { layer in
      directions.enumerated().map { turn, direction -> Report.Roofline.Layer in
        let intensity = 3 * pow(1.22, Double(layer)) * (1 + Double(turn) * 0.15)
        let roof = min(intensity * 24.9, 183.4)
        let share = 0.55 + 0.4 * abs(sin(Double(layer * 3 + turn)))
        return .init(
          name: "layer\(layer / 6 + 1).\(layer % 6).conv\(turn + 1)", engine: "native",
          direction: direction,
          algorithm: "direct", flopPerByte: intensity, gflops: roof * share,
          bound: intensity * 24.9 > 183.4
            ? "compute" : layer.isMultiple(of: 4) ? "overhead" : "DRAM",
          lostMs: (1 - share) * 3, percentOfRoof: share * 100)
      }
    }
    return .init(
      peakGflops: 183.4, threads: 2,
      levels: [.init("L2", gbPerS: 140), .init("L3", gbPerS: 61), .init("DRAM", gbPerS: 24.9)],
      layers: layers, network: "resnet50",
      limits: .init(
        engine: "native", counts: ["compute": 56, "DRAM": 9, "overhead": 4], worst: layers.first,
        worstPercent: 100 * layers[0].lostMs / layers.reduce(0) { $0 + $1.lostMs }))
  }
}
