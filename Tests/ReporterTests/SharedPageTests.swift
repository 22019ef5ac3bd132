import Economics
import Foundation
import Reporter
import Testing

/// What a page is worth to whoever is sent it: it says what it is, and leads to its sources.
@Suite struct SharedPageTests {
  private let page: String
  private let report: Report

  init() throws {
    var report = try SampleReport.report
    report.claims = try Claims.audit(local: LocalMeasurement(report.record)).claims
    report.documents = try Claims.documents()
    report.sources = try PublicSource.all()
    report.costs?.inference = try PublicRecord.inferenceCosts()
    self.report = report
    page = HTMLReport().text(report)
  }

  private func content(_ name: String) throws -> String {
    let tag = try Regex("<meta (?:name|property)=\"\(name)\" content=\"([^\"]*)\">")
    let match = try #require(page.firstMatch(of: tag), "\(name)")
    return String(match.output[1].substring ?? "")
  }

  @Test func itSaysWhatItIs() throws {
    let answer = Markup.escaped(report.answer)
    #expect(try content("description").contains(answer))
    #expect(try content("og:description") == content("description"))
    #expect(try content("og:title") == "costcurve: \(report.machineName)")
    #expect(try content("og:type") == "article")
  }

  @Test func sourcesAreLinksThatLead() throws {
    let links = page.matches(of: /<a href="(https?:[^"]*)" rel="noreferrer">([^<]+)<\/a>/)
    #expect(links.count > 100)
    #expect(links.allSatisfy { !$0.output.1.contains("@") && !$0.output.2.isEmpty })
    #expect(
      links.contains {
        $0.output.1.hasPrefix("https://github.com/stanford-futuredata/dawn-bench-entries/blob/")
          && $0.output.2.hasPrefix("stanford-futuredata/dawn-bench-entries, ImageNet/")
      })
    // Nothing points to an address that no browser finds.
    #expect(page.firstMatch(of: /href="[^"]*github\.com\/[\w.-]+\/[\w.-]+@[0-9a-f]{40}/) == nil)
  }

  @Test func everyClaimHasAPermalink() throws {
    for claim in report.claims {
      #expect(page.contains("<details class=\"claim\" id=\"claim-\(claim.id)\""))
      #expect(page.contains("<a href=\"#claim-\(claim.id)\">Link to this claim</a>"))
    }
    let refuted = report.claims.filter { $0.verdict == .inconsistent }
    #expect(refuted.count > 10)
    for claim in refuted {
      #expect(page.contains("><a href=\"#claim-\(claim.id)\"><code"), "\(claim.id)")
    }
  }

  @Test func documentsHaveTitlesAndNoFileNames() {
    #expect(page.contains("a news item on falling training costs (2020)"))
    #expect(page.firstMatch(of: /\d{3}_[0-9a-f]{16}/) == nil)
  }

  @Test func everyChartBringsItsData() throws {
    for file in ChartFile.all(in: report.document) {
      let figure = try #require(page.range(of: "<figure data-chart=\"\(file.id)\""))
      let rest = page[figure.upperBound...]
      let data = try #require(rest.firstMatch(of: /<pre class="data" hidden="">([^<]*)<\/pre>/))
      let end = try #require(rest.range(of: "</figure>"))
      #expect(data.range.upperBound <= end.lowerBound, "\(file.id)")
      let lines = file.csv.split(separator: "\r\n").count
      #expect(data.output.1.split(separator: "\n").count == lines, "\(file.id)")
    }
  }

  @Test func aRecordOfOthersMakesNoLink() throws {
    let hostile = HTMLReport().text(try SampleReport.report(saying: "https://evil.example/x"))
    #expect(!hostile.contains("href=\"https://evil.example"))
  }
}
