import Foundation
import Harness
import Reporter
import TestSupport
import Testing

/// Every format of the sample report is kept as a file.
@Suite struct ReportTests {
  @Test func terminalAsKept() throws {
    for width in [80, 100] {
      let text = TerminalReport(width: width).text(try SampleReport.report)
      #expect(Golden.difference(text, from: "report-\(width).txt") == nil)
    }
  }

  @Test func markdownAsKept() throws {
    let text = MarkdownReport().text(try SampleReport.report)
    #expect(Golden.difference(text, from: "report.md") == nil)
  }

  @Test func csvAsKept() throws {
    let text = CSVReport().text(try SampleReport.report)
    #expect(Golden.difference(text, from: "report.csv") == nil)
  }

  @Test func pageAsKept() throws {
    let text = HTMLReport().text(try SampleReport.report)
    #expect(Golden.difference(text, from: "report.html") == nil)
  }

  /// A reader who goes from one table to the next finds both rates in the same order.
  @Test func directRatesStandBeforeExecutedOnes() throws {
    var checked = 0
    for line in MarkdownReport().text(try SampleReport.report).split(separator: "\n") {
      guard let direct = line.range(of: "| Direct (GFLOP/s) |"),
        let executed = line.range(of: "| Executed (GFLOP/s) |")
      else { continue }
      #expect(direct.lowerBound < executed.lowerBound, "\(line)")
      checked += 1
    }
    #expect(checked == 3)
  }

  @Test func kernelsStandBesideTheRivals() throws {
    var report = try SampleReport.report
    #expect(!MarkdownReport().text(report).contains("Times as fast"))
    report.engineRatios = .init(
      engine: "native", rival: "openblas",
      rows: [
        .init(
          name: "gemm/64x64x64/t1", algorithm: "gemm.f32.tile", ns: 1000, rivalNs: 1500,
          speedup: 1.5,
          interval: [1.44, 1.56]),
        .init(
          name: "gemm/8x8x8/t1", algorithm: "gemm.f32.tile", ns: 20, rivalNs: 19, speedup: 0.95,
          interval: [0.93, 0.97]),
      ], geometricMean: 1.19, interval: [1.17, 1.21], ahead: 1)
    let text = MarkdownReport().text(report)
    #expect(
      text.contains(
        "1.19x \\[1.17, 1.21\\] as fast in the geometric mean, at least as fast on 1 of 2"))
    #expect(text.contains("1.50 \\[1.44, 1.56\\]") && text.contains("0.950"))
  }

  @Test func oneGenerationMakesNoComparison() throws {
    var report = try SampleReport.report
    func hasSection() -> Bool {
      report.document.sections.contains { $0.id == "generations-section" }
    }
    #expect(hasSection())
    report.generations.removeLast(2)
    #expect(report.generations.count == 1 && !hasSection())
  }

  @Test func jsonIsTheRecord() throws {
    let report = try SampleReport.report
    let data = Data(try JSONReport().text(report).utf8)
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == report.record)
  }

  /// Every figure of the measured tables and of the headline stands in the record as it is.
  @Test func figuresOfThePageAreTheRecords() throws {
    let report = try SampleReport.report
    let page = HTMLReport().text(report)
    let tree = try JSONDecoder().decode(
      JSONValue.self, from: Data(try JSONReport().text(report).utf8))
    var recorded = Set(tree.numbers)
    // The width of a sample is recorded in its count; lists of samples are not on the page.
    recorded.formUnion(report.record.peaks.map { Double($0.threads) })
    var found = 0
    for name in ["inference", "latencies", "training", "kernel-cases", "peaks"] {
      let table = try #require(page.split(separator: "id=\"table-\(name)\"").last)
      let body = table.split(separator: "</table>").first ?? ""
      for match in body.matches(of: /data-v="([^"]+)"/) {
        let value = try #require(Double(match.output.1))
        #expect(recorded.contains(value), "\(name): \(value)")
        found += 1
      }
    }
    for match in page.matches(of: /<data value="([^"]+)"/) {
      let value = try #require(Double(match.output.1))
      #expect(recorded.contains(value), "headline: \(value)")
      found += 1
    }
    #expect(found > 60)
  }

  @Test func thePageStaysSmall() throws {
    let report = try SampleReport.report
    let page = HTMLReport()
    #expect(page.text(report).utf8.count < 1_000_000)
    #expect(page.drawingElements(report) <= 4_000)
  }
}

extension JSONValue {
  /// All numbers anywhere in the value.
  fileprivate var numbers: [Double] {
    switch self {
    case .number(let value): [value]
    case .array(let items): items.flatMap(\.numbers)
    case .object(let fields): fields.values.flatMap(\.numbers)
    default: []
    }
  }
}
