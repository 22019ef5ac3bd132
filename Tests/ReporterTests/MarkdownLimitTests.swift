import Economics
import Harness
import Reporter
import Testing

/// Markdown that GitHub takes: the answer first, all else folded, never too long.
@Suite struct MarkdownLimitTests {
  /// A record of so many kernels that their tables alone are too long.
  private var large: ResultRecord {
    var record = SampleReport.record
    let kernels = record.cases.filter { $0.kind == .conv && $0.validity.ok }
    record.cases += (0..<120).flatMap { number in
      kernels.map { kernel in
        var kernel = kernel
        kernel.id =
          "conv/resnet50.copy\(number).\(kernel.id.split(separator: "/")[1])/forward/t1/native"
        return kernel
      }
    }
    return record
  }

  @Test func whatIsTooLongIsLeftOutByName() throws {
    let report = try Report.sample(of: large)
    #expect(MarkdownReport().text(report).utf8.count > MarkdownReport.githubLimit)
    for markdown in [
      MarkdownReport(limit: MarkdownReport.githubLimit, rest: "There it is."),
      MarkdownReport(isSummary: true, limit: MarkdownReport.githubLimit, rest: "There it is."),
    ] {
      let text = markdown.text(report)
      #expect(text.utf8.count < MarkdownReport.githubLimit)
      let end = text.split(separator: "\n").last ?? ""
      #expect(end.hasPrefix("*Left out, as this text would be too long: "), "\(end)")
      #expect(
        end.contains("Kernels, case by case") && end.hasSuffix(". There it is.*"), "\(end)")
      // What comes after it and has room stands.
      #expect(text.contains("The machine and the build"))
      #expect(text.count(of: "<details>") == text.count(of: "</details>"))
    }
  }

  @Test func theSummaryOfAJobBeginsWithTheAnswer() throws {
    let report = try SampleReport.report
    let text = MarkdownReport(isSummary: true).text(report)
    let folded = try #require(text.range(of: "<details>"))
    let head = text[..<folded.lowerBound]
    #expect(head.contains("**ResNet-50 runs at 24.4 images/s"))
    #expect(head.contains("24.4") && head.contains("This run could not show"))
    #expect(head.split(separator: "\n").count < 20)
    #expect(text.contains("<details><summary>Whole networks</summary>\n\n"))
    #expect(!text.contains("\n## "))
    // Folded or not, it says the same.
    let whole = MarkdownReport().text(report)
    let rows = { (text: String) in text.split(separator: "\n").filter { $0.hasPrefix("|") } }
    #expect(rows(whole) == rows(text) && !whole.contains("Left out"))
  }

  /// A document without an answer is shown open.
  @Test func sectionsWithoutAnAnswerStayOpen() {
    let document = Document(
      title: "T", subtitle: "S",
      sections: [.init(id: "x", title: "X", short: "X", lead: "Lead.", blocks: [])])
    #expect(MarkdownReport(isSummary: true).text(document).contains("## X"))
  }
}

extension String {
  fileprivate func count(of text: String) -> Int { ranges(of: text).count }
}
