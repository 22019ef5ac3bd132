import Economics
import Foundation
import Reporter
import TestSupport
import Testing

/// Nothing is put into the documents' mouths: what a report says that they state is stated.
@Suite struct DocumentsWordsTests {
  /// Every figure of every claim with the numbers of its date.
  private let literals: Set<Double>
  private let report: Report

  init() throws {
    var literals: Set<Double> = []
    for number in try Claims.load().flatMap({ $0.numbers.values }) {
      literals.insert(abs(number.value))
      // A share may be written in per cent.
      if abs(number.value) < 1 { literals.insert(abs(number.value) * 100) }
      literals.formUnion(Numerals.all(in: number.when ?? ""))
    }
    self.literals = literals
    var report = try SampleReport.report
    report.claims = try Claims.audit(local: LocalMeasurement(report.record)).claims
    report.findings = try Findings.all()
    self.report = report
  }

  /// Sentences and rows that name the documents or call something stated or claimed.
  private static func isMarked(_ text: some StringProtocol) -> Bool {
    let marks =
      /(?i)documents?'? (last |first )?(state|claim|say|give)|stated (figure|for)|as (stated|claimed)/
    return String(text).firstMatch(of: marks) != nil
  }

  @Test func sentencesAndRowsHoldStatedFiguresOnly() throws {
    let lines = MarkdownReport().text(report).replacing("\\", with: "").split(separator: "\n")
    var checked = 0
    for line in lines {
      // A row of a table is about what its first cell names; else each cell speaks for itself.
      let cells = line.split(separator: "|").map(String.init)
      let isRow = line.hasPrefix("|") && cells.first.map(Self.isMarked) == true
      let texts = isRow ? [String(line)] : cells.flatMap { Self.sentences($0) }
      for text in texts where Self.isMarked(text) {
        for numeral in Numerals.all(in: text) {
          checked += 1
          #expect(literals.contains { abs($0 / numeral - 1) < 1e-9 }, "\(numeral) in: \(text)")
        }
      }
    }
    #expect(checked >= 12)
  }

  @Test func theStandingRowHasTheLastFigureOfEachWithItsDate() throws {
    let text = MarkdownReport().text(report).replacing("\\", with: "")
    #expect(
      text.contains("| The documents' last stated figure | $0.03 (2020) | $1 (end of 2020) |"))
    #expect(
      text.contains("the documents state $1000 (2017), $10 (2019) and $1 (end of 2020)."))
    for ours in ["3 130", "3\u{A0}130", "0.315", "0.0303"] { #expect(!text.contains("$" + ours)) }
  }

  @Test func oneKindOfLineHasOneName() throws {
    let charts = [try #require(report.inferenceChart), try #require(report.trainingChart)]
    let names = charts.flatMap(\.series).map(\.name).filter { $0.hasPrefix("our line") }
    #expect(names.count == 2)
    #expect(Set(names.map { $0.prefix { $0 != "," } }).count == 1, "\(names)")
  }

  @Test func chartsDrawStatedFiguresApartFromOurLines() throws {
    for chart in [try #require(report.inferenceChart), try #require(report.trainingChart)] {
      let stated = try #require(chart.series.first { $0.id == "\(chart.id)-stated" })
      for point in stated.points {
        #expect(literals.contains(point.y))
        #expect(point.detail.contains("as stated, drawn at"))
      }
      for line in chart.series where line.form == .line && !line.name.contains("fitted") {
        #expect(line.name.contains("our line") || line.name.contains("if its last"), "\(line.name)")
      }
    }
  }

  /// A fall in one year has two readings, all records and the two ends, and both are told.
  @Test func theTwoRatesOfACurveAreToldApart() throws {
    for text in [MarkdownReport().text(report), HTMLReport().text(report)] {
      #expect(text.contains("By the fitted line the best on record fell 6.4x a year"))
      #expect(text.contains("from the first of them to the last alone it is 8.3x a year"))
      #expect(text.contains("fell 4.4x a year") && text.contains("alone it is 5.4x a year"))
    }
    let reasons = report.claims.map(\.reason)
    #expect(reasons.contains { $0.hasPrefix("8.3x a year from first to last record") })
    #expect(reasons.contains { $0.contains("from first to last record it was 5.4x") })
    for curve in try Curve.fitted() {
      #expect(curve.note.contains("by a line through all"))
      #expect(curve.note.contains("from the first of them to the last"))
    }
  }

  /// What follows from stated figures is not one of them.
  @Test func whatFollowsFromAClaimIsCalledItsMeaning() throws {
    for check in report.claims.flatMap(\.checks) where !check.claimed.isEmpty {
      #expect(check.claimedText.hasPrefix("means ") != check.claimsLiterals)
      guard check.claimsLiterals else { continue }
      for value in check.claimed { #expect(literals.contains(abs(value))) }
    }
    let means = report.claims.flatMap(\.checks).filter { !$0.claimsLiterals }.map(\.claimedText)
    #expect(means.contains("means 577.35"))
  }

  private static func sentences(_ text: String) -> [String] {
    text.replacing(#/[.;] /#, with: "\n").split(separator: "\n").map(String.init)
  }
}
