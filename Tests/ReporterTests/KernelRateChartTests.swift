import Harness
import Reporter
import Testing

/// Kernels are ranked by time, and what they executed stands beside the peak that bounds it.
@Suite struct KernelRateChartTests {
  /// One layer by two engines: ours takes a third of the time and executes a quarter of the
  /// operations, so at the lower executed rate.
  private func report(rows: Int = 1) throws -> Report {
    var record = SampleReport.record
    let kernel = try #require(record.cases.first { $0.kind == .conv && $0.validity.ok })
    record.cases = (0..<rows).flatMap { row in
      [("openblas", 1.0, 300.0), ("native", 0.25, 900.0)].map { engine, share, direct in
        var item = kernel
        item.id = "conv/resnet50.layer\(row).0.conv2/forward/b1/t2/\(engine)"
        item.flop = .init(direct: 2e8, executed: 2e8 * share)
        item.derived.gflopsDirect = direct
        item.derived.gflopsExecuted = direct * share
        item.statistics?.medianNs = 2e8 / direct
        item.statistics?.ci95Ns = [2e8 / direct * 0.9, 2e8 / direct * 1.1]
        return item
      }
    }
    return Report(record: record)
  }

  private func chart(_ report: Report) throws -> RowChart {
    try #require(
      report.document.sections.flatMap(\.blocks).lazy.compactMap { block -> RowChart? in
        if case .rows(let chart) = block, chart.id == "convolution-rates" { chart } else { nil }
      }.first)
  }

  @Test func theFasterStandsToTheRight() throws {
    let chart = try chart(try report())
    #expect(chart.axis.title == "Direct rate")
    let names = Dictionary(uniqueKeysWithValues: chart.series.map { ($0.id, $0) })
    let marks = try #require(chart.rows.first).marks
    #expect(marks.map { names[$0.series]?.name } == ["openblas", "native", "native, executed"])
    #expect(marks.map(\.value) == [300, 900, 225])
    #expect(marks.map { names[$0.series]?.isAside } == [false, false, true])
    let interval = try #require(marks[1].interval)
    #expect(interval.contains(900) && !interval.contains(225))
    #expect(chart.rules.map(\.value) == [SampleReport.record.peaks.last?.fmaGflops])
  }

  @Test func theLongestBarIsTheFastest() throws {
    let text = TerminalReport(width: 100).text(try report())
    let bars = text.split(separator: "\n").filter { $0.contains("█") && $0.contains("conv2") }
    #expect(bars.count == 2)
    let lengths = bars.map { $0.count { $0 == "█" } }
    #expect(lengths[1] > 2 * lengths[0])
    #expect(bars[1].contains("900 (225 executed)") && bars[0].contains("300"))
    #expect(text.contains("full bar: 900 GFLOP/s"))
    #expect(text.contains("at 20 % of a full bar: FMA peak, 2 threads: 183 GFLOP/s"))
  }

  /// The intervals of a series are one path, which is long.
  @Test func noneOfManyIntervalsIsLost() throws {
    let chart = try chart(try report(rows: 68))
    for size in ChartLayout.Size.allCases {
      let text = RowChartRenderer.render(chart, size: size).text
      let paths = text.matches(of: /<path class="span" d="([^"]*)"/).map(\.output.1)
      #expect(paths.map { $0.count { $0 == "M" } } == [68, 68])
      #expect(!text.contains("…"))
    }
  }

  @Test func enginesOfTheRooflineHaveColoursOfTheirOwn() throws {
    var report = try SampleReport.report
    var roofline = try #require(report.roofline)
    roofline.layers += roofline.layers.map {
      var layer = $0
      layer.engine = "openblas"
      return layer
    }
    report.roofline = roofline
    let chart = try #require(
      report.document.sections.flatMap(\.blocks).lazy.compactMap { block -> Chart? in
        if case .chart(let chart) = block, chart.id == "roofline" { chart } else { nil }
      }.first)
    func colours(_ engine: String) -> Set<Palette> {
      Set(chart.series.filter { $0.name.hasPrefix(engine + ", ") }.map(\.colour))
    }
    #expect(colours("native").count == 1 && colours("openblas").count == 1)
    #expect(colours("native") != colours("openblas"))
    #expect(chart.series.filter(\.isListed).count == 6)
  }
}
