import Foundation
import Harness
import Reporter
import Testing

/// A record of a busy machine, made up, in every format: what is not so is not said.
@Suite struct DisturbedTests {
  /// The sample with the figures that two busy loops once gave.
  private var record: ResultRecord {
    var record = SampleReport.record
    record.context.noise.otherProcessesPercent = 48.2
    record.context.noise.preemptionPercent = 63.5
    record.context.noise.pressurePercent = 62.6
    record.peaks[1].fmaGflops = 71
    for index in record.cases.indices where record.cases[index].derived.percentOfPeak != nil {
      record.cases[index].derived.percentOfPeak = index.isMultiple(of: 3) ? 987 : 60
      for process in record.cases[index].processes.indices {
        let flags = record.cases[index].processes[process].flags
        record.cases[index].processes[process].flags = flags.map { _ in "preempt" }
      }
    }
    return record
  }

  private var report: Report {
    get throws {
      var report = try Report.sample(of: record)
      report.roofline = try SampleReport.report.roofline
      report.roofline?.layers[0].percentOfRoof = 180
      report.peakShares = PeakShare.all(in: report.record)
      report.generations[1].ratio = nil
      report.generations[2].newestRatio = nil
      return report
    }
  }

  private var texts: [(name: String, text: String)] {
    get throws {
      let report = try report
      return [
        ("text", TerminalReport().text(report)), ("narrow", TerminalReport(width: 80).text(report)),
        ("markdown", MarkdownReport().text(report)), ("page", HTMLReport().text(report)),
        ("csv", CSVReport().text(report)), ("json", try JSONReport().text(report)),
        ("export", try ExportFormat.json.text(of: record)),
        ("csv export", try ExportFormat.csv.text(of: record)),
      ]
    }
  }

  @Test func noFormatShowsAnImpossibleShare() throws {
    for (name, text) in try texts {
      #expect(text.firstMatch(of: /(^|[^0-9.])987($|[^0-9])/) == nil, "\(name)")
      #expect(!text.contains("180 %"), "\(name)")
      #expect(text.contains("peak disturbed"), "\(name)")
    }
    for format in ["text", "markdown", "page", "csv"] {
      let text = try #require(try texts.first { $0.name == format }?.text)
      #expect(text.contains("n/a (peak disturbed)"), "\(format)")
    }
  }

  @Test func theMachineIsSpokenOfBeforeItsFigures() throws {
    for (name, text) in try texts where !name.contains("csv") && name != "page" {
      let head = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(5)
        .joined(separator: "\n")
      let words = name == "json" || name == "export" ? "\"validity\"" : "busy"
      #expect(head.contains(words), "\(name): \(head)")
      #expect(text.contains("48.2 %") && text.contains("63.5 %") && text.contains("62.6 %"))
    }
    let page = HTMLReport().text(try report)
    let notice = try #require(page.range(of: "The machine was busy"))
    let headline = try #require(page.range(of: "<h1"))
    #expect(notice.lowerBound < headline.lowerBound)
  }

  @Test func theHeadlineIsMarkedAndTheRatioWithheld() throws {
    let report = try report
    #expect(report.answer.contains("ran beside other work: at least 24.4 images/s"))
    let text = TerminalReport().text(report)
    #expect(text.contains("at least this, for the machine was busy"))
    #expect(text.contains("at most this, for the machine was busy"))
    #expect(!text.contains("2.35x"))
    #expect(text.contains("were not interleaved often enough"))
    let share = text.split(separator: "\n").first { $0.contains("Share of measured peak") }
    #expect(share?.contains("n/a (peak disturbed)") == true)
  }

  /// A row may be disturbed though nothing kept the whole machine busy.
  @Test func theAnswerSpeaksOfDisturbedRows() throws {
    var record = SampleReport.record
    let place = try #require(record.cases.firstIndex { $0.kind == .infer && $0.validity.ok })
    record.cases[place].derived.medianDisturbed = true
    let report = try Report.sample(of: record)
    #expect(report.document.notice == nil)
    #expect(report.limits.contains("an undisturbed rate of 1 of "), "\(report.limits)")
    let quiet = try SampleReport.report
    #expect(!quiet.limits.contains("undisturbed"))
  }

  @Test func kernelsShowThatTheirMedianIsDisturbed() throws {
    let markdown = MarkdownReport().text(try report)
    let rows = markdown.split(separator: "\n").filter { $0.hasPrefix("| `gemm/") }
    #expect(!rows.isEmpty && rows.allSatisfy { $0.contains("disturbed") })
    let csv = CSVReport().text(try report).split(separator: "\r\n")
    #expect(csv[0].contains(",median_disturbed,"))
    #expect(csv.contains { $0.hasPrefix("gemm/") && $0.contains(",true,") })
  }

  @Test func aQuietReportSaysNothingOfTheKind() throws {
    let report = try SampleReport.report
    #expect(report.document.notice == nil)
    for text in [TerminalReport().text(report), MarkdownReport().text(report)] {
      for word in ["busy", "disturbed", "n/a (peak", "beside other work"] {
        #expect(!text.contains(word), "\(word)")
      }
    }
    let json = try JSONReport().text(report)
    #expect(json.contains("\"ok\" : true") && json.contains("\"doubts\" : ["))
  }
}
