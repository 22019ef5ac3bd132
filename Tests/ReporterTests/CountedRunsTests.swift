import Economics
import Harness
import Reporter
import Testing

/// Published trainings in the section on compute, where they are counted.
@Suite struct CountedRunsTests {
  private func section(counted: Bool, price: Price? = nil) throws -> Document.Section {
    var report = try SampleReport.report
    if counted {
      // 10^15 operations a second, so that a petaflop/s-day takes a day, half of them executed.
      var here = LocalMeasurement()
      here.networks = [
        NetworkRate(
          network: "bert-large", kind: .train, sequence: 128, batch: 4, unit: "token",
          units: .init(perSecond: 1, interval: [0.5, 2]),
          flops: .init(perSecond: 1e15, interval: [5e14, 2e15]), executed: 5e14)
      ]
      report.compute?.counted = try PublishedRun.all().map { run in
        let taken = RunHere(run, on: here, orSustained: true)
        return Report.Compute.Counted(run, here: taken, usd: price.flatMap { taken?.usd($0) })
      }
    }
    return try #require(report.document.sections.first { $0.id == "compute" })
  }

  private func tables(_ section: Document.Section) -> [DataTable] {
    section.blocks.compactMap { block in
      if case .table(let table) = block { table } else { nil }
    }
  }

  private func chart(_ section: Document.Section) throws -> Chart {
    let charts = section.blocks.compactMap { block -> Chart? in
      if case .chart(let chart) = block { chart } else { nil }
    }
    return try #require(charts.first)
  }

  @Test func eachHasItsRowWithWhatItTakesHere() throws {
    let section = try section(counted: true, price: .given(usdPerHour: 1))
    let table = try #require(tables(section).first { $0.id == "compute-counted-runs" })
    #expect(table.rows.count == 12)
    #expect(table.rows.map { $0[1].text } == table.rows.map { $0[1].text }.sorted())
    let bert = try #require(table.rows.first { $0[0].text == "BERT-large" })
    let days = (5.544_408_923_504_64e19 + 2.611_078_873_743_36e19) / 8.64e19
    #expect(abs((bert[3].number ?? 0) - days) < 1e-9 && abs((bert[4].number ?? 0) - days) < 1e-9)
    #expect(abs((bert[5].number ?? 0) - 24 * days) < 1e-6)
    #expect(bert[4].interval == "[0.472, 1.89]" && bert[2].number == 6.16898)
    let step = "bert-large's training step, batch 4, 128 tokens"
    #expect(bert[6].text == step + ", 512-token parts at the rate of 128")
    // What was not measured goes by what the step executes; what was not published says so.
    let grover = try #require(table.rows.first { $0[0].text == "Grover-Mega" })
    #expect(grover[2].text == "n/a" && grover[6].text == step + ", executed operations")
    #expect(abs((grover[4].number ?? 0) - 2 * (grover[3].number ?? 1)) < 1e-9)
    #expect(grover[4].interval.isEmpty)
  }

  /// 5.33e20 FLOP are of a number of tokens that the run did not read.
  @Test func whatAPublishedFigurePresumesIsSaid() throws {
    let section = try section(counted: true)
    let paragraphs = section.blocks.compactMap { block -> String? in
      if case .paragraph(let text) = block { text } else { nil }
    }
    let note = "the published figure presumes 250 billion tokens, not the run's own number"
    #expect(paragraphs == ["BERT-large: \(note)."])
    let published = try #require(
      chart(section).series.first { $0.id == "compute-published" })
    #expect(published.points.count { $0.detail.contains("(\(note)): 6.17") } == 1)
  }

  @Test func theChartHasCountedAndPublishedPoints() throws {
    let chart = try chart(section(counted: true))
    let counted = try #require(chart.series.first { $0.id == "compute-counted" })
    #expect(counted.points.count == 12 && counted.points.allSatisfy { $0.label != nil })
    // The four charted ones are there as runs.
    let published = try #require(chart.series.first { $0.id == "compute-published" })
    #expect(published.points.map(\.y).sorted() == [0.0381944, 6.16898, 3640])
    let domain = try #require(chart.y.domain)
    #expect(counted.points.allSatisfy { domain.contains($0.y) })
  }

  @Test func withoutThemTheSectionIsAsItWas() throws {
    let section = try section(counted: false)
    #expect(tables(section).map(\.id) == ["compute-here"])
    #expect(try !chart(section).series.contains { $0.id.hasPrefix("compute-counted") })
  }

  @Test func withoutAPriceThereAreDaysAlone() throws {
    let table = try #require(
      tables(section(counted: true)).first { $0.id == "compute-counted-runs" })
    #expect(table.rows.allSatisfy { $0[5].number == nil && $0[4].number != nil })
  }
}
