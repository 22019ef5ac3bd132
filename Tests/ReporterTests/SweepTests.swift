import Economics
import Foundation
import Harness
import Reporter
import Testing

/// Several batch sizes and thread counts of one network: a table, a chart and bars of cost against
/// latency, and no more than a screen of them.
@Suite struct SweepTests {
  /// Cases of one network: batch, threads, images a second, milliseconds of the median call.
  private func record(_ cases: [(batch: Int, threads: Int, rate: Double)]) -> ResultRecord {
    var record = SampleReport.record
    let native = record.cases.first { $0.id == "infer/resnet50/b1/t2/native" }
    record.cases = cases.compactMap { batch, threads, rate in
      guard var item = native else { return nil }
      item.id = "infer/resnet50/b\(batch)/t\(threads)/native"
      item.repeat = "costcurve infer --batch-size \(batch) --threads \(threads)"
      item.derived.imagesPerSecond = rate
      item.derived.imagesPerSecondCi95 = [rate * 0.98, rate * 1.02]
      item.derived.percentOfPeak = nil
      item.derived.latencyMs?.p50 = 1e3 * Double(batch) / rate
      item.processes[0].samplesNs = Array(item.processes[0].samplesNs.prefix(20))
      item.processes[0].flags = Array(item.processes[0].flags.prefix(20))
      return item
    }
    record.setPrice(.given(usdPerHour: 0.36))
    return record
  }

  private let few: [(batch: Int, threads: Int, rate: Double)] = [
    (1, 1, 20), (1, 2, 30), (16, 1, 25), (16, 2, 50), (32, 2, 49.5),
  ]

  private func section(_ report: Report) throws -> Document.Section {
    try #require(report.document.sections.first { $0.id == "sweep-section" })
  }

  @Test func theTableHasTheCheapestFirst() throws {
    let section = try section(Report(record: record(few)))
    guard case .table(let table)? = section.blocks.first else {
      Issue.record("no table")
      return
    }
    #expect(
      table.rows.map { $0[0].text } == [
        "infer/resnet50/b16/t2/native", "infer/resnet50/b32/t2/native",
        "infer/resnet50/b1/t2/native", "infer/resnet50/b16/t1/native",
        "infer/resnet50/b1/t1/native",
      ])
    // 0.36 USD an hour are 10⁻⁴ a second: 2 000 USD for 10⁹ images at 50 a second.
    #expect(abs((table.rows[0][2].number ?? 0) - 2_000) < 1e-6)
    #expect(table.rows[0][2].interval == "[1\u{A0}961, 2\u{A0}041]")
    #expect(table.rows[0][3].number == 320 && table.rows[0][0].note.contains("--batch-size 16"))
  }

  @Test func theLeadNamesTheCheapestAndTheFastest() throws {
    let lead = try section(Report(record: record(few))).lead
      .replacing("\u{A0}", with: " ")
    #expect(lead.contains("The cheapest of 5 cases is batch 16, 2 threads, native: $2 000 ["))
    #expect(lead.contains("per 10⁹ images, p50 320 ms."))
    #expect(lead.contains("The fastest is batch 1, 2 threads, native: $3 333 ["))
    #expect(lead.contains("The interval of 1 other overlaps with the cheapest's"), "\(lead)")
    #expect(lead.contains("$0.360 an hour"), "\(lead)")
  }

  @Test func costIsDrawnAgainstLatency() throws {
    let document = Report(record: record(few)).document
    let files = ChartFile.all(in: document)
    let chart = try #require(files.first { $0.id == "cost-latency" })
    #expect(chart.svg.hasPrefix("<svg ") && chart.csv.contains("2 threads"))
    #expect(chart.csv.split(separator: "\r\n").count == 1 + few.count)
    #expect(files.contains { $0.id == "cost-by-latency" })
    #expect(HTMLReport().text(document).contains("data-chart=\"cost-latency\""))
    let text = TerminalReport().text(document)
    #expect(text.contains("33.3 ms, batch 1, 2 threads") && text.contains("█"))
    #expect(MarkdownReport().text(document).contains("Cost by latency"))
  }

  @Test func theScreenHasBarsAndTableAndNoMore() throws {
    let many = (1...64).map { (batch: $0, threads: 2, rate: 30 + 20 * Double($0) / 64) }
    for cases in [few, many] {
      let report = Report(record: record(cases))
      let text = ScreenReport().text(report, rest: "The rest.")
      #expect(text.count { $0 == "\n" } <= ScreenReport.lines, "\(text)")
      #expect(text.contains("The cheapest of \(cases.count) cases"), "\(text)")
      #expect(text.contains("█") && text.contains("infer/resnet50/b"), "\(text)")
    }
    // Each larger batch is slower and cheaper here, so that no case beats another in both.
    let text = ScreenReport().text(Report(record: record(many)), rest: "The rest.")
    #expect(text.contains("8 of the 64 cases that no other beats in both"), "\(text)")
    #expect(text.contains("batch 1, 2 threads") && text.contains("batch 64, 2 threads"), "\(text)")
    #expect(text.contains(" more"), "\(text)")
  }

  /// Of one thread every case is slower and dearer than its like of two.
  @Test func barsOfManyAreOfThoseThatNoOtherBeats() throws {
    let cases = [1, 2].flatMap { threads in
      (1...8).map { batch in
        (batch: batch, threads: threads, rate: Double(threads) * (10 + Double(batch)))
      }
    }
    let text = ScreenReport().text(Report(record: record(cases)), rest: "The rest.")
    #expect(text.contains("the 8 cases that no other beats in both"), "\(text)")
    #expect(text.contains("batch 8, 2 threads") && !text.contains("batch 1, 1 thread"), "\(text)")
  }

  @Test func whatIsNoSweepHasNoSection() throws {
    #expect(try !SampleReport.report.document.sections.contains { $0.id == "sweep-section" })
    var one = record(few)
    one.cases = Array(one.cases.prefix(1))
    #expect(!Report(record: one).document.sections.contains { $0.id == "sweep-section" })
    var two = record(few)
    two.cases[0].id = "infer/resnet18/b1/t2/native"
    #expect(!Report(record: two).document.sections.contains { $0.id == "sweep-section" })
  }

  @Test func aRefusedCaseStandsLastAndIsNotDrawn() throws {
    var record = record(few)
    record.cases[3].validity = .init(ok: false, reasons: ["wrong answer"])
    let section = try section(Report(record: record))
    guard case .table(let table)? = section.blocks.first else {
      Issue.record("no table")
      return
    }
    #expect(table.rows.last?[0].text == "infer/resnet50/b16/t2/native")
    #expect(table.rows.last?[1].text == "no speed: wrong answer")
    #expect(section.lead.contains("The cheapest of 5 cases is batch 32"))
  }

  @Test func tokensAreWhatACostIsOfWhereThereAreSome() throws {
    var record = record(few)
    for index in record.cases.indices {
      let rate = record.cases[index].derived.imagesPerSecond ?? 1
      record.cases[index].derived = .init()
      record.cases[index].derived.item = "sequence"
      record.cases[index].derived.itemsPerSecond = rate
      record.cases[index].derived.tokensPerSecond = 128 * rate
      record.cases[index].derived.tokensPerSecondCi95 = [127 * rate, 129 * rate]
      record.cases[index].derived.latencyMs = PercentileRule.latency(ofNs: [1e6, 2e6])
    }
    record.setPrice(.given(usdPerHour: 0.36))
    let report = Report(record: record)
    #expect(try section(report).lead.contains("per 10⁶ tokens"))
    let csv = CSVReport().text(report)
    #expect(csv.contains("usd_per_million_tokens") && csv.contains("usd_per_million_items"))
    #expect(!CSVReport().text(Report(record: self.record(few))).contains("tokens"))
  }

  @Test func aScenarioHasItsFigureFirst() throws {
    var record = record([(1, 2, 30)])
    record.cases[0].processes[0].samplesNs = (1...100).map { Double($0) * 1e6 }
    record.cases[0].processes[0].flags = (1...100).map { _ in "" }
    record.count(by: .singleStream, seconds: 30)
    let report = Report(record: record)
    let text = ScreenReport().text(report, rest: "The rest.")
    #expect(text.count { $0 == "\n" } <= ScreenReport.lines, "\(text)")
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("LoadGen's single-stream 98.0 ms"), "\(text)")
    #expect(words.contains("90th percentile of 100 queries of 1 sample, an upper bound"), "\(text)")
    #expect(words.contains("No MLPerf result. Not followed: A run lasts 600 s or more"), "\(text)")
    let csv = CSVReport().text(report)
    #expect(csv.contains("scenario_value") && csv.contains(",single-stream,p90_latency,98,"))
  }

  @Test func aCutSweepSaysSoFirstInEveryForm() throws {
    var record = record(few)
    record.extent = .init(preset: "quick", processes: 1, interrupted: true, casesAsked: 12)
    let report = Report(record: record)
    let document = report.document
    for text in [
      ScreenReport().text(report, rest: "The rest."), TerminalReport().text(document),
      MarkdownReport().text(document), try JSONReport().text(report),
    ] {
      let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let place = try #require(words.range(of: "was stopped before its end"), "\(text)")
      #expect(words.distance(from: words.startIndex, to: place.lowerBound) < 300, "\(text)")
      #expect(words.contains("5 of 12 cases measured"))
    }
    #expect(HTMLReport().text(document).contains("5 of 12 cases measured"))
  }
}
