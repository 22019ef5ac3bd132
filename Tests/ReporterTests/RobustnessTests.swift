import Basics
import Economics
import Foundation
import Harness
import Reporter
import TestSupport
import Testing

/// Whatever a stored run says, no format traps, runs a script or breaks out of its place.
@Suite struct RobustnessTests {
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE runs; --",
    "</style><script>alert(1)</script>", "]]><svg onload=alert(1)>", "|a|b|`c`|**d**|[e](f)",
    "\u{202E}gnp.exe\u{2066}", "\u{1B}[2J\u{1B}]0;owned\u{7}", "مرحبا بالعالم",
    "=cmd|' /C calc'!A0",
    String(repeating: "long ", count: 2_000), String(repeating: "x", count: 10_000), "", "\n\n# h",
  ]

  @Test(arguments: hostile.indices)
  func hostileStringsStayText(_ index: Int) throws {
    let text = RobustnessTests.hostile[index]
    let report = try SampleReport.report(saying: text)
    let page = HTMLReport().text(report)
    #expect(page.components(separatedBy: "<script").count == 2)
    #expect(!page.contains("<img") && !page.contains("onerror=alert(1)>"))
    #expect(!page.contains("\u{202E}") && !page.contains("\u{1B}"))
    #expect(!page.contains(String(repeating: "x", count: 2_001)))
    #expect(page.utf8.count < 1_000_000)
    let terminal = TerminalReport(width: 80).text(report)
    #expect(!terminal.contains("\u{1B}") && !terminal.contains("\u{202E}"))
    // What stands between backticks is shown as it is.
    let markdown = MarkdownReport().text(report).replacing(/``.*?``|`[^`]*`/, with: "")
    #expect(!markdown.contains("<script") && !markdown.contains("<img"))
    #expect(!markdown.contains("\n# h"))
    _ = CSVReport().text(report)
  }

  /// A spreadsheet runs what begins like a formula; a number with a sign is none.
  @Test(arguments: [
    ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+1+cmd", "'+1+cmd"), ("-2+3", "'-2+3"),
    ("-2.5", "-2.5"), ("+1e9", "+1e9"), ("a-b", "a-b"), ("", ""),
  ])
  func noCellIsAFormula(_ text: String, _ field: String) {
    #expect(CSVReport.field(text) == field)
  }

  @Test func wideCharactersTakeTwoColumns() {
    let wide = "\u{65E5}\u{672C}\u{8A9E}"
    let table = DataTable(
      id: "t", caption: "Names", columns: [.init("Name"), .init("Mark")],
      rows: [[.init(wide), .init("x")], [.init("latin"), .init("y")]])
    let section = Document.Section(
      id: "s", title: "Section", short: "Section", lead: "A table.", blocks: [.table(table)])
    let lines = TerminalReport(width: 80)
      .text(Document(title: "Title", subtitle: "Subtitle", sections: [section]))
      .split(separator: "\n")
    #expect(lines.contains("  \(wide)  x"), "\(lines)")
    #expect(lines.contains("  latin   y"), "\(lines)")
  }

  /// Commands are never broken, as they are there to be copied; all else fits.
  @Test(arguments: [80, 90, 100])
  func theTerminalsLinesFit(_ width: Int) throws {
    for text in [
      "a name", String(repeating: "wide ", count: 200), String(repeating: "x", count: 999),
    ] {
      let report = try SampleReport.report(saying: text)
      let lines = TerminalReport(width: width).text(report).split(separator: "\n")
      #expect(lines.filter { $0.count > width && !$0.hasPrefix("  costcurve ") }.isEmpty)
    }
  }

  /// Seeded mutations of every number of the record, to values that no measurement gives.
  @Test func anyNumbersCanBeRendered() throws {
    let extremes: [Double] = [0, -1, 1e-300, 1e300, 1e18, -1e18, 0.1, 123_456_789, 1, 2, 4e9]
    let tree = try JSONDecoder().decode(
      JSONValue.self, from: try ResultRecord.encoder().encode(SampleReport.briefRecord))
    var random = SeededRandom(seed: 88)
    var rendered = 0
    for _ in 0..<40 {
      let mutated = tree.mutated(share: 0.08, to: extremes, using: &random)
      let data = try JSONEncoder().encode(mutated)
      guard let record = try? ResultRecord.decoder().decode(ResultRecord.self, from: data) else {
        continue
      }
      let report = try Report.sample(of: record)
      _ = HTMLReport().text(report)
      _ = TerminalReport(width: 80).text(report)
      _ = ScreenReport(width: 80).text(report, rest: "The rest.")
      _ = ScreenReport(width: 80).ending(of: report.document, rest: "The rest.")
      _ = MarkdownReport().text(report)
      _ = CSVReport().text(report)
      rendered += 1
    }
    #expect(rendered > 15)
  }

  @Test func aRecordWithNothingInItStillMakesAReport() throws {
    var record = SampleReport.record
    record.cases = []
    record.peaks = []
    record.price = nil
    let report = Report(record: record)
    #expect(HTMLReport().text(report).contains("Nothing gave a valid result"))
    #expect(TerminalReport().text(report).contains("Nothing gave a valid result"))
  }
}

extension JSONValue {
  /// A copy in which about `share` of the numbers are replaced.
  fileprivate func mutated(
    share: Double, to values: [Double], using random: inout SeededRandom
  ) -> JSONValue {
    switch self {
    case .number(let old):
      guard Double.random(in: 0...1, using: &random) < share else { return self }
      // A count has to stay one, or the record would not even be read.
      let isCount = Int(exactly: old) != nil
      let fitting = isCount ? values.filter { Int(exactly: $0) != nil } : values
      return .number(fitting.randomElement(using: &random) ?? 0)
    case .array(let items):
      return .array(items.map { $0.mutated(share: share, to: values, using: &random) })
    case .object(let fields):
      return .object(
        Dictionary(
          uniqueKeysWithValues: fields.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value.mutated(share: share, to: values, using: &random))
          }))
    default: return self
    }
  }
}
