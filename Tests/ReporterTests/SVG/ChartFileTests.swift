import Economics
import Foundation
import Reporter
import Testing

/// A chart's files stand alone: a drawing that any program shows, and its data.
@Suite struct ChartFileTests {
  private func document(_ blocks: [Document.Block]) -> Document {
    Document(
      title: "t", subtitle: "",
      sections: [.init(id: "s", title: "s", short: "s", lead: "", blocks: blocks)])
  }

  private var files: [ChartFile] {
    ChartFile.all(
      in: document(
        [.paragraph("no chart")] + SampleCharts.all.map { .chart($0) }
          + SampleCharts.allRows.map { .rows($0) }))
  }

  @Test func everyChartIsWrittenUnderItsName() {
    #expect(files.map(\.id) == SampleCharts.all.map(\.id) + SampleCharts.allRows.map(\.id))
  }

  @Test func theDrawingIsWholeAndNeedsNoBrowser() throws {
    for file in files {
      let head = #/^<svg [^>]* width="([\d.]+)" height="[\d.]+" [^>]*><title /#
      let width = file.svg.firstMatch(of: head).flatMap { Double($0.output.1) }
      #expect(try #require(width) > 200)
      #expect(file.svg.hasSuffix("</svg>\n"))
      #expect(!file.svg.contains("var("), "\(file.id)")
      #expect(file.svg.components(separatedBy: "<style>").count == 2)
    }
  }

  @Test func everySeriesHasItsColour() throws {
    let chart = try #require(SampleCharts.all.first)
    let file = try #require(files.first)
    for series in chart.series {
      let rule = ".c\(series.colour.rawValue) .mark{fill:\(series.colour.light);"
      #expect(file.svg.contains(rule), "\(rule)")
      #expect(file.svg.contains("class=\"series c\(series.colour.rawValue)\""))
    }
  }

  @Test func theDataIsARowAPoint() throws {
    for (chart, file) in zip(SampleCharts.all, files) {
      let lines = file.csv.split(separator: "\r\n")
      #expect(lines.count == 1 + chart.series.reduce(0) { $0 + $1.points.count })
      #expect(lines.first?.hasPrefix("series,") == true)
    }
    let chart = try #require(SampleCharts.allRows.first)
    let rows = try #require(files.first { $0.id == chart.id }).csv.split(separator: "\r\n")
    #expect(rows.count == 1 + chart.rows.reduce(0) { $0 + $1.marks.count })
  }

  @Test func valuesAndIntervalsAreInTheirColumns() throws {
    let chart = Chart(
      id: "c", title: "C", summary: "", x: .init("Date", kind: .time),
      y: .init("Rate", unit: "images/s"),
      series: [
        .init(
          id: "a", name: "ours, native", colour: .blue, form: .points(.circle),
          points: [
            .init(
              x: Double(Day.number(year: 2020, month: 2, day: 1)), y: 1_234.5,
              interval: 1_200...1_300, label: "=x")
          ])
      ])
    let file = try #require(ChartFile.all(in: document([.chart(chart)])).first)
    #expect(
      file.csv == "series,Date,Rate (images/s),low,high,label\r\n"
        + "\"ours, native\",2020-02-01,1234.5,1200,1300,'=x\r\n")
  }
}
