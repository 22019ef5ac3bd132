import Economics
import Harness
import Reporter
import Testing

/// What is drawn and told of dated releases.
@Suite struct VersionStudyTests {
  /// Two releases of one software, one that could not be installed, and ours.
  private func study(claimed: [SoftwarePace] = []) -> VersionStudy {
    var record = SampleReport.record
    record.kind = .race
    let ours = record.cases[3]
    func release(_ version: String, _ released: String, _ rate: Double?) -> CaseRecord {
      var item = ours
      item.id = CaseID.id(ours.id, by: "sample-fast-\(version)")
      item.origin = .init(name: "sample", version: version, released: released)
      (item.derived.imagesPerSecond, item.derived.itemsPerSecond) = (rate, rate)
      guard rate == nil else { return item }
      item.statistics = nil
      item.validity = .init(ok: false, reasons: ["no wheel"])
      return item
    }
    record.cases = [
      ours, release("3.0", "2026-11", 20), release("1.0", "2024-11-15", 5),
      release("0.1", "2022-01-01", nil),
    ]
    record.softwareTrends = [
      SoftwareTrend(
        setting: "sample-fast", software: "sample", kind: .infer, subject: "infer/resnet50/b16/t2",
        releases: 2, first: ("1.0", "2024-11-15"), last: ("3.0", "2026-11"), yearlyFactor: 2,
        yearlyFactorCi95: [1.9, 2.1], gain: 4, gainCi95: nil)
    ]
    return VersionStudy(record, claimed: claimed)
  }

  private func charts(_ document: Document) -> [Chart] {
    document.sections.flatMap(\.blocks).compactMap { block -> Chart? in
      if case .chart(let chart) = block { chart } else { nil }
    }
  }

  @Test func releasesStandInTheOrderOfTheirDates() throws {
    let chart = try #require(charts(study().document(onScreen: false)).first)
    let line = try #require(chart.series.first)
    #expect(line.name == "sample-fast" && line.points.map(\.label) == ["1.0", "3.0"])
    #expect(line.points.map(\.y) == [5, 20])
    let days = ["2024-11-15", "2026-11-15"].compactMap { Day($0) }.map { Double($0.number) }
    #expect(line.points.map(\.x) == days, "a month stands for its middle")
    #expect(chart.series.last?.id == "own" && chart.series.count == 2)
  }

  @Test func whatCouldNotBeMeasuredIsToldWithItsReason() throws {
    let text = TerminalReport(width: 100, usesColor: false).text(study().document(onScreen: false))
    #expect(text.contains("sample-fast 0.1, 2022-01-01") && text.contains("no speed: no wheel"))
    #expect(study().answer.contains("1 release could not be measured"), "\(study().answer)")
  }

  @Test func theAnswerHasIntervalSpanAndClaims() throws {
    let answer = study(claimed: try SoftwarePace.all()).answer
    for part in [
      "sample-fast gains most: 2.00x [1.90, 2.10] a year", "2 releases, 2024-11-15 to 2026-11",
      "8x taken over two years is 2.83x a year (software-8x)",
    ] {
      #expect(answer.contains(part), "\(answer)")
    }
    var none = study()
    none.record.softwareTrends = []
    #expect(none.answer.contains("No software had two releases that ran"))
  }

  /// It fits a screen, and what stands in the run's own report is the same section.
  @Test func aReportHasTheSection() throws {
    let screen = study(claimed: try SoftwarePace.all()).document(onScreen: true)
    #expect(charts(screen).isEmpty && screen.sections.count == 1)
    var report = try SampleReport.report
    #expect(!report.document.sections.contains { $0.id == "versions-section" })
    report.versions = study()
    #expect(report.document.sections.contains { $0.id == "versions-section" })
    #expect(report.screen(of: report.document).sections.contains { $0.id == "versions-section" })
  }
}
