import Economics
import Foundation
import Harness
import History
import Reporter
import Testing

/// Every page says whole what it is about, whichever command made it.
@Suite struct PageHeadingTests {
  private func page(_ document: Document) throws -> (first: String, headline: String) {
    let page = HTMLReport().text(document)
    let body = try #require(page.firstMatch(of: /<main[^>]*>(?s:.*)<\/main>/)).output
    let headline = try #require(body.firstMatch(of: /<h1[^>]*>([^<]*)<\/h1>/)).output.1
    let line = body.firstMatch(of: /<p class="sub">([^<]*)<\/p>/)?.output.1 ?? ""
    return (String(line), String(headline))
  }

  private var context: Context { SampleReport.record.context }

  @Test func ofAReport() throws {
    let report = try SampleReport.report
    let (line, headline) = try page(report.document)
    #expect(line.hasPrefix(report.machineName + ". Measured "))
    #expect(headline == Markup.escaped(report.answer))
    #expect(HTMLReport().text(report).contains("<title>costcurve: \(report.machineName)</title>"))
  }

  @Test func ofADoctor() throws {
    let context = String(decoding: try JSONEncoder().encode(context), as: UTF8.self)
    let text = """
      {"schema": "costcurve.doctor", "schemaVersion": 1, "context": \(context), "canaries": [],
      "pairs": 8, "falseVerdictPercent": 0, "samePercent": 100, "sequentialFalsePercent": 40}
      """
    let findings = try JSONDecoder().decode(Doctor.Findings.self, from: Data(text.utf8))
    let (line, _) = try page(Document(findings))
    #expect(line.hasPrefix("The noise of this machine. "))
  }

  @Test func ofAComparison() throws {
    let record = ComparisonRecord(context: context, arms: ["main", "branch"], seed: 1, cases: [])
    let (line, _) = try page(Document(record))
    #expect(line.hasPrefix("branch compared with main. "))
  }

  @Test(arguments: ["Self-test", "x", "costcurve"], ["", "0.4.0"])
  func ofAnythingElse(_ title: String, _ subtitle: String) throws {
    let answer = Document.Section(
      id: "answer", title: "t", short: "t", lead: "All hold.", blocks: [])
    let (line, headline) = try page(
      Document(title: title, subtitle: subtitle, sections: [answer]))
    #expect(line == (subtitle.isEmpty ? title : "\(title). \(subtitle)"))
    #expect(headline == "All hold.")
  }

  /// A page of tables alone has no answer to lead with.
  @Test func ofAPageWithoutAnAnswer() throws {
    let (line, headline) = try page(Document(trends: []))
    #expect(headline == "History of 0 cases")
    #expect(line.hasPrefix("Times per call; "))
  }

  /// What is of no run's record does not say so, and a claim that no run was compared with neither.
  @Test func aPageOfClaimsRestsOnNoRun() throws {
    let claims = try Claims.audit().claims
    func page(isMeasured: Bool) -> String {
      HTMLReport().text(
        Document(
          claims: claims, findings: [], documents: [:], subtitle: "All", isMeasured: isMeasured))
    }
    #expect(!page(isMeasured: false).contains("Made by costcurve"))
    #expect(!page(isMeasured: false).contains("compared with this machine"))
    #expect(page(isMeasured: true).contains("compared with this machine"))
    var report = try SampleReport.report
    let footer = "Made by costcurve from run.json, which has every figure of this run."
    #expect(HTMLReport().text(report).contains(footer))
    // What was never written to a file is not said to be in one.
    report.recordFile = nil
    #expect(!HTMLReport().text(report).contains("Made by costcurve"))
  }
}
