import Harness

extension Report {
  /// One row a shape, one mark an engine at its direct rate, so that the fastest is the rightmost;
  /// what was executed stands beside it, small, for the measured peaks bound only that.
  func kernelRateChart(_ cases: [CaseRecord], title: String) -> RowChart? {
    let shown = cases.filter { $0.isShown && $0.derived.gflopsDirect != nil }
    guard !shown.isEmpty else { return nil }
    let engines = shown.map { CaseID.engine(of: $0.id) }.unique
    let names = shown.map(\.name)
    let naming = RowNaming(names)
    let saving = Set(shown.filter(\.executesLess).map { CaseID.engine(of: $0.id) })
    let note =
      saving.isEmpty
      ? "" : " A small ring is what was executed, where an algorithm saves operations."
    return RowChart(
      id: "\(title.lowercased())-rates",
      title: "\(title), direct rates in GFLOP/s\(naming.common)",
      summary:
        "\(Units.count(shown.count, "case")) of \(Wording.list(engines)), in each row the fastest "
        + "rightmost; the line through a mark is its 95 % interval, a dotted line is a measured "
        + "peak." + note,
      axis: .init("Direct rate", unit: "GFLOP/s", fromZero: true),
      series: engines.enumerated().flatMap { index, engine in
        rateSeries(index, engine, executesLess: saving.contains(engine))
      },
      rows: names.map(naming.text).unique.map { row in
        .init(
          row,
          marks: zip(shown, names).filter { naming.text($1) == row }.flatMap { item, _ in
            rateMarks(item, engines: engines)
          })
      }, rules: peakRules(shown))
  }

  private func rateSeries(
    _ index: Int, _ engine: String, executesLess: Bool
  ) -> [RowChart.Series] {
    let shapes: [Chart.Shape] = [.square, .circle, .diamond, .triangle]
    let colour = engine == "native" ? Palette.accent : Palette.series(index)
    let direct = RowChart.Series(
      id: "engine-\(index)", name: engine, colour: colour, shape: shapes[index % shapes.count])
    guard executesLess else { return [direct] }
    return [
      direct,
      .init(
        id: "executed-\(index)", name: "\(engine), executed", colour: colour, shape: .ring,
        isAside: true),
    ]
  }

  /// The measured peaks of the thread counts that the cases ran with.
  private func peakRules(_ cases: [CaseRecord]) -> [Chart.Rule] {
    let threads = Set(cases.compactMap { $0.name.threads })
    let precisions = Set(cases.map(\.name.precision))
    return record.peaks.filter {
      threads.contains($0.threads) && precisions.contains($0.precision)
    }.compactMap { peak in
      peak.fmaGflops.map {
        Chart.Rule(
          .vertical, at: $0,
          label: "\(peak.precision?.rawValue ?? "FMA") peak, \(Wording.threads(peak.threads)): "
            + "\(NumberFormat.significant($0)) GFLOP/s")
      }
    }
  }

  /// The direct rate of a case and, where it is another, the executed one.
  private func rateMarks(_ item: CaseRecord, engines: [String]) -> [RowChart.Mark] {
    guard let direct = item.derived.gflopsDirect,
      let index = engines.firstIndex(of: CaseID.engine(of: item.id))
    else { return [] }
    let share =
      item.shareOfPeak.percent.map { ", \(NumberFormat.significant($0)) % of peak" }
      ?? (item.shareOfPeak == .disturbed ? ", share of peak \(ShareOfPeak.disturbedText)" : "")
    let executed = item.derived.gflopsExecuted.map {
      "\(NumberFormat.significant($0)) GFLOP/s executed\(share)"
    }
    let disturbed = item.hasDisturbedMedian ? "median disturbed" : nil
    let name = "\(item.id) (\(item.algorithm))"
    let text = NumberFormat.significant(direct)
    let mark = RowChart.Mark(
      series: "engine-\(index)", value: direct, interval: directInterval(item), text: text,
      detail: [name + ": \(text) GFLOP/s direct", executed, disturbed].compactMap { $0 }
        .joined(separator: ", "))
    guard item.executesLess, let value = item.derived.gflopsExecuted else {
      return [mark]
    }
    var both = mark
    both.text = "\(text) (\(NumberFormat.significant(value)) executed)"
    return [
      both, .init(series: "executed-\(index)", value: value),
    ]
  }

  /// The interval of the time of a call, as direct rates.
  private func directInterval(_ item: CaseRecord) -> ClosedRange<Double>? {
    guard let bounds = item.statistics?.ci95Ns, bounds.count == 2, 0 < bounds[0],
      bounds[0] <= bounds[1], item.flop.direct > 0
    else { return nil }
    return item.flop.direct / bounds[1]...item.flop.direct / bounds[0]
  }
}

extension CaseRecord {
  /// Whether its algorithm does not do just the direct operations.
  fileprivate var executesLess: Bool {
    flop.direct > 0 && abs(flop.executed / flop.direct - 1) > 0.005
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
      name.sequence.map { "s\($0)" }, name.inputSize.map { "i\($0)" },
      threads == nil ? name.threads.map { "t\($0)" } : nil,
    ].compactMap { $0 }.joined(separator: " ")
  }
}
