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

  @Test func jsonIsTheRecord() throws {
    let report = try SampleReport.report
    let data = Data(try JSONReport().text(report).utf8)
    #expect(try ResultRecord.decoder().decode(ResultRecord.self, from: data) == report.record)
  }
}
