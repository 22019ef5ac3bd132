import Economics
import Foundation
import Harness
import Reporter
import Testing

/// A run that has inference in int8 too leads with its price, says in the same line what its
/// answers are worth, and has float32's behind it.
@Suite struct PrecisionTests {
  /// The sample with ResNet-50 in int8, 2.5 times as fast at batch 16.
  private func record(_ accuracy: CaseRecord.Accuracy? = nil) throws -> ResultRecord {
    var record = SampleReport.record
    var item = try #require(record.cases.first { $0.id == "infer/resnet50/b16/t2/native" })
    item.id = "infer/resnet50/b16/t2/int8/native"
    item.derived.imagesPerSecond = 61
    item.derived.imagesPerSecondCi95 = [60, 62]
    (item.derived.gflopsDirect, item.derived.gflopsExecuted) = (nil, nil)
    (item.derived.gigaOperationsPerSecond, item.derived.percentOfPeak) = (499, 68)
    if let accuracy { item.accuracy = accuracy }
    record.cases.insert(item, at: 4)
    record.peaks.append(.init(threads: 2, precision: .int8, gigaOperationsPerSecond: 734))
    record.setPrice(Price(usdPerHour: 0.096, basis: "on-demand"))
    return record
  }

  private func accuracy(_ ratio: Double) -> CaseRecord.Accuracy {
    .init(
      status: "evaluated", top1: 0.76 * ratio,
      againstF32: .init(
        images: 1000, top1F32: 0.76, top1Ratio: ratio, top1RatioError: 0.001, agreement: 0.98,
        logitsDb: 38))
  }

  /// Whatever blanks there are, as one.
  private func words(_ text: String) -> String {
    text.replacing("\u{A0}", with: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static let unknown = "int8, no answers were compared with labels"

  @Test func theHeadlineIsItsPriceWithWhatItIsWorth() throws {
    let report = try Report.sample(of: try record())
    #expect(
      words(report.answer)
        == "ResNet-50 (\(Self.unknown)) runs at 61.0 images/s on this machine: $437 for a "
        + "billion images; in float32 $1 093.")
    let basis =
      "the cheapest measured, batch 16, 2 threads, native, \(Self.unknown); in float32 "
      + "$1 093 [$1 070, $1 124], batch 16, 2 threads, native; $0.0960 an hour"
    let texts = [
      TerminalReport(width: 100).text(report), HTMLReport().text(report),
      MarkdownReport().text(report).replacing("\\", with: ""),
      ScreenReport().text(report, rest: "The rest."),
    ]
    for text in texts { #expect(words(text).contains(basis), "\(words(text).prefix(2000))") }
    // A run ends with rate, cost and cost to train.
    let ending = words(ScreenReport().ending(of: report.document, rest: "The rest."))
    #expect(ending.contains("Cost of inference: $437 per 10⁹ images; 95 % [$430, $444]; \(basis)"))
    #expect(ending.contains("Cost to train ResNet-50: $603"))
  }

  @Test func whatIsKnownOfItsAnswersIsInTheLine() throws {
    let good = try Report.sample(of: try record(accuracy(0.995)))
    #expect(
      words(good.answer).hasPrefix(
        "ResNet-50 (int8, top-1 75.62 %, 99.50 % of float32's 76.00 % on 1 000 images (MLPerf's "
          + "rule of 99 % passed)) runs at 61.0"), "\(good.answer)")
    // Answers that lose too much are no headline.
    let bad = try Report.sample(of: try record(accuracy(0.9)))
    #expect(words(bad.answer).hasPrefix("ResNet-50 runs at 24.4"), "\(bad.answer)")
    #expect(bad.record.cheapestInference?.name.precision == nil)
    var alone = try record(accuracy(0.9))
    alone.cases.removeAll { $0.kind == .infer && $0.name.precision == nil }
    #expect(
      Report(record: alone).record.cheapestInference?.name.precision == .int8,
      "there is nothing else")
  }

  @Test func aBusyMachineHasBoundsInBothPrecisions() throws {
    var record = try record()
    record.context.noise.otherProcessesPercent = 61
    record.validity = nil
    let answer = words(try Report.sample(of: record).answer)
    #expect(
      answer.contains("at most $437 for a billion images; in float32 at most $1 093 on this"),
      "\(answer)")
  }

  @Test func theCurvesHaveAStarAndABoundOfEach() throws {
    var report = try Report.sample(of: try record())
    report.costs?.inferenceAtLowerPeak = [.int8: 297]
    let chart = try #require(report.inferenceChart)
    let own = chart.series.filter { $0.name.hasPrefix("this machine") }
    #expect(own.map(\.name) == ["this machine", "this machine, int8"])
    #expect(Set(own.map(\.colour)).count == 2)
    #expect(own[1].points[0].detail.contains(Self.unknown))
    #expect(chart.series.contains { $0.name == "its int8 peak" && $0.points[0].y == 297 })
    #expect(chart.summary.contains("This machine: $") && chart.summary.contains("machine, int8: $"))
    let text = MarkdownReport().text(report).replacing("\\", with: "")
    #expect(text.contains("| This machine in \(Self.unknown) | $437"), "\(text.prefix(3000))")
    #expect(text.contains("| This machine, measured | $1"), "float32 keeps its row")
    // Without bytes nothing of it is there.
    let plain = try #require(try SampleReport.report.inferenceChart)
    #expect(plain.series.filter { $0.name.hasPrefix("this machine") }.count == 1)
  }

  @Test func bfloat16HasAStarAndABoundBesideThoseOfBytes() throws {
    var record = try record()
    var item = try #require(record.cases.first { $0.name.precision == .int8 })
    item.id = "infer/resnet50/b16/t2/bf16/native"
    item.derived.imagesPerSecond = 40
    item.derived.imagesPerSecondCi95 = [39, 41]
    (item.derived.gigaOperationsPerSecond, item.derived.gflopsExecuted) = (nil, 327)
    record.cases.insert(item, at: 5)
    record.setPrice(Price(usdPerHour: 0.096, basis: "on-demand"))
    var report = try Report.sample(of: record)
    report.costs?.inferenceAtLowerPeak = [.bf16: 500, .int8: 297]
    let chart = try #require(report.inferenceChart)
    let own = chart.series.filter { $0.name.hasPrefix("this machine") }
    #expect(own.map(\.name) == ["this machine", "this machine, bf16", "this machine, int8"])
    #expect(Set(own.map(\.colour)).count == 3)
    let bounds = chart.series.filter { $0.name == "its bf16 peak" || $0.name == "its int8 peak" }
    #expect(bounds.map { $0.points[0].y } == [500, 297])
    #expect(bounds[0].points[0].detail.contains("products of bfloat16"))
    #expect(Set(chart.series.map(\.id)).count == chart.series.count)
    let text = MarkdownReport().text(report).replacing("\\", with: "")
    #expect(
      text.contains("| This machine in bf16, no answers were compared with labels | $667"),
      "\(text.prefix(3000))")
    #expect(text.contains("| This machine at its bf16 peak | $500"), "\(text.prefix(3000))")
  }

  /// A step in bfloat16 that is the cheapest says what it is, beside that in float32.
  @Test func trainingInBFloat16SaysWhatItIs() throws {
    var record = try record()
    var item = try #require(record.cases.first { $0.id == "train/resnet50/b16/t2/native" })
    item.id = "train/resnet50/b16/t2/bf16/native"
    item.derived.imagesPerSecond = 10.2
    item.derived.imagesPerSecondCi95 = [10, 10.4]
    record.cases.append(item)
    record.setPrice(Price(usdPerHour: 0.096, basis: "on-demand"))
    var report = try Report.sample(of: record)
    report.costs?.trainingAtLowerPeak = [.bf16: 205]
    let worth = "bf16, no answers were compared with labels"
    let chart = try #require(report.trainingChart)
    let bound = try #require(chart.series.first { $0.name == "its bf16 peak" })
    #expect(bound.points.map(\.y) == [205] && bound.points[0].detail.contains("of bfloat16"))
    let own = chart.series.filter { $0.name.hasPrefix("this machine") }
    #expect(own.map(\.name) == ["this machine", "this machine, bf16"])
    #expect(own[1].points[0].y < own[0].points[0].y && own[1].points[0].detail.contains(worth))
    #expect(Set(chart.series.map(\.id)).count == chart.series.count)
    let text = MarkdownReport().text(report).replacing("\\", with: "")
    #expect(text.contains("| This machine's training in \(worth) | n/a | $"))
    #expect(text.contains("| This machine at its bf16 peak | n/a | $205"), "\(text.prefix(3000))")
    record.cases.removeAll { $0.kind != .train }
    let answer = words(try Report.sample(of: record).answer)
    #expect(answer.hasPrefix("ResNet-50 (\(worth)) trains at 10.2 images/s"), "\(answer)")
  }

  @Test func lowerPrecisionIsNoNewerSoftware() throws {
    var report = try Report.sample(of: try record())
    report.generations.append(
      .init(
        name: "native int8", detail: "no answers were compared with labels", itemsPerSecond: 61,
        interval: [60, 62], ratio: .init(5.87, interval: [5.7, 6]), precision: .int8))
    let text = words(TerminalReport(width: 100).text(report))
    #expect(text.contains("Here the newest, native, is 2.35x"))
    #expect(
      text.contains(
        "In int8 it is 61.0 images/s, 5.87x [5.70, 6.00] as fast as openblas: no answers were "
          + "compared with labels."), "\(text)")
    #expect(text.contains("Speedup by software alone 2.35x"))
    let chart = try #require(
      report.document.sections.flatMap(\.blocks).lazy.compactMap { block -> RowChart? in
        if case .rows(let chart) = block, chart.id == "generations" { chart } else { nil }
      }.first)
    #expect(chart.series.map(\.id) == ["own", "peer", "own-low"])
  }

  @Test func operationsOnBytesHaveAColumn() throws {
    let report = try Report.sample(of: try record())
    let markdown = MarkdownReport().text(report).replacing("\\", with: "")
    let head = markdown.split(separator: "\n").first { $0.contains("Direct, on bytes (GOP/s)") }
    #expect(head != nil && markdown.contains("499"))
    let csv = CSVReport().text(report).split(separator: "\r\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let place = try #require(csv.first?.firstIndex(of: "giga_operations_per_second"))
    let row = try #require(csv.first { $0[0] == "infer/resnet50/b16/t2/int8/native" })
    #expect(row[place] == "499" && row.contains("int8"))
    #expect(!CSVReport().text(try SampleReport.report).contains("giga_operations_per_second"))
  }

  /// Beside the share of peak is what was executed, which may be less than the direct rate says.
  @Test func kernelsOnBytesHaveBothRates() throws {
    var record = try record()
    var item = try #require(record.cases.first { $0.kind == .conv && $0.validity.ok })
    item.id = "conv/resnet50.layer1.0.conv2/forward/b1/t2/int8/native"
    let time = try #require(item.statistics?.medianNs)
    (item.flop.direct, item.flop.executed) = (900 * time, 400 * time)
    (item.derived.gigaOperationsPerSecond, item.derived.gflopsExecuted) = (900, nil)
    record.cases.append(item)
    item.id = "conv/resnet50.layer2.0.conv2/forward/b1/t2/int8/native"
    item.flop.executed = 0
    record.cases.append(item)
    let tables = try Report.sample(of: record).document.sections.flatMap(\.blocks).compactMap {
      block -> DataTable? in
      if case .table(let table) = block, table.id == "integer-kernel-cases" { table } else { nil }
    }
    let table = try #require(tables.first)
    let heads = table.columns.map(\.head)
    let direct = try #require(heads.firstIndex(of: "Direct (GOP/s)"))
    let executed = try #require(heads.firstIndex(of: "Executed (GOP/s)"))
    #expect(table.rows.map { $0[direct].number } == [900, 900])
    #expect(table.rows.map { $0[executed].number != nil } == [true, false])
    #expect(abs((table.rows[0][executed].number ?? 0) - 400) < 1e-9)
  }

  /// Layers of each precision under its own peak; those on bytes in operations.
  @Test func eachPrecisionHasItsRoofline() throws {
    var report = try SampleReport.report
    var roofline = try #require(report.roofline)
    (roofline.precision, roofline.peakGflops) = (.int8, 734)
    roofline.layers = Array(roofline.layers.prefix(3))
    var halved = roofline
    (halved.precision, halved.peakGflops) = (.bf16, 400)
    report.lowerRooflines = [halved, roofline]
    let charts = report.document.sections.flatMap(\.blocks).compactMap { block -> Chart? in
      if case .chart(let chart) = block, chart.id.hasPrefix("roofline") { chart } else { nil }
    }
    #expect(charts.map(\.id) == ["roofline", "roofline-bf16", "roofline-int8"])
    #expect(charts[1].x.unit == "FLOP per byte" && charts[1].y.unit == "GFLOP/s")
    #expect(charts[1].rules.first?.label == "measured bf16 peak 400 GFLOP/s")
    let chart = try #require(charts.last)
    #expect(chart.x.unit == "operations per byte" && chart.y.unit == "GOP/s")
    #expect(chart.rules.first?.label == "measured integer peak 734 GOP/s")
    #expect(chart.title == "Roofline of ResNet-50's layers in int8, 2 threads")
    let file = try #require(ChartFile.all(in: report.document).first { $0.id == "roofline-int8" })
    #expect(file.csv.contains("Executed rate (GOP/s)") && file.svg.contains("operations per byte"))
    // Beside whole networks the layers are a detail, which the page folds away.
    #expect(HTMLReport().text(report).contains("Layers in int8 under the roofline, with their gap"))
    let text = words(TerminalReport(width: 100).text(report))
    #expect(text.contains("layers and directions of 'native' in int8"))
    #expect(text.contains("layers and directions of 'native' in bf16"))
    // Without networks tables of layers are no detail, yet more than one screen has room for.
    report.record.cases.removeAll { $0.kind.isNetwork }
    report.others = []
    func tables(_ document: Document) -> [String] {
      document.sections.flatMap(\.blocks).compactMap { block -> String? in
        if case .table(let table) = block { table.id } else { nil }
      }.filter { $0.hasPrefix("layers") }
    }
    #expect(tables(report.document) == ["layers", "layers-bf16", "layers-int8"])
    #expect(tables(report.screen(of: report.document)).isEmpty)
  }
}
