import Basics
import Reporter
import TestSupport
import Testing

/// Drawings are kept as files, and no text on them may touch another.
@Suite struct ChartRendererTests {
  @Test(arguments: SampleCharts.all, ChartLayout.Size.allCases)
  func drawsAsKept(_ chart: Chart, _ size: ChartLayout.Size) {
    let drawn = ChartRenderer.render(chart, size: size)
    #expect(
      Golden.difference(drawn.standalone, from: "\(chart.id)-\(size.name).svg", test: here) == nil)
    #expect(drawn.points == chart.drawnPoints)
    #expect(overlaps(drawn.texts).isEmpty)
    #expect(drawn.texts.allSatisfy { $0.box.x >= -0.5 && $0.box.maxX <= size.width + 0.5 })
  }

  @Test(arguments: SampleCharts.allRows, ChartLayout.Size.allCases)
  func drawsRowsAsKept(_ chart: RowChart, _ size: ChartLayout.Size) {
    let drawn = RowChartRenderer.render(chart, size: size)
    #expect(
      Golden.difference(drawn.standalone, from: "\(chart.id)-\(size.name).svg", test: here) == nil)
    #expect(drawn.points == chart.drawnPoints)
    #expect(overlaps(drawn.texts).isEmpty)
    #expect(drawn.texts.allSatisfy { $0.box.x >= -0.5 && $0.box.maxX <= size.width + 0.5 })
  }

  @Test func labelsOfACrowdNeverCollide() {
    var random = SeededRandom(seed: 8)
    for _ in 0..<20 {
      let points = (0..<80).map { index in
        Chart.Point(
          x: .random(in: 0...10, using: &random), y: .random(in: 0...10, using: &random),
          label: "point number \(index)", rank: index % 7)
      }
      let chart = Chart(
        id: "crowd", title: "", summary: "", x: .init("x"), y: .init("y"),
        series: [.init(id: "a", name: "a", colour: .blue, form: .points(.circle), points: points)])
      for size in ChartLayout.Size.allCases {
        let drawn = ChartRenderer.render(chart, size: size)
        #expect(overlaps(drawn.texts).isEmpty)
        #expect(drawn.points == 80)
      }
    }
  }

  /// A label ends where its mark is, however much narrower it is drawn than it was measured.
  @Test(arguments: ChartLayout.Size.allCases)
  func theLabelOfAStarStandsBesideIt(_ size: ChartLayout.Size) throws {
    var chart = SampleCharts.cost
    // Other points keep the label from the star's left.
    chart.series[1].points += (0..<30).map {
      .init(x: chart.series[2].points[0].x - 150 - Double($0) * 40, y: 1_630)
    }
    let star = ChartLayout(chart, size: size).place(chart.series[2].points[0])
    let text = ChartRenderer.render(chart, size: size).text
    let label = try #require(text.firstMatch(of: /<text class="tag own" ([^>]*)>/)).output.1
    let x = try #require(label.firstMatch(of: /\bx="([0-9.]+)"/).flatMap { Double($0.output.1) })
    let y = try #require(label.firstMatch(of: /\by="([0-9.]+)"/).flatMap { Double($0.output.1) })
    #expect(abs(x - star.x) < 24 && abs(y - star.y) < 36)
    #expect(label.contains("text-anchor"), "the label of the latest date cannot run to the right")
  }

  /// The name of a line moves along it rather than across another line.
  @Test func aNameThatWouldCrossALineStandsElsewhere() throws {
    var crowded = LabelPlacement(
      bounds: Box(x: 0, y: 0, width: 400, height: 200), fontSize: 12)
    for y in stride(from: 0.0, through: 100, by: 6) {
      crowded.avoid(from: (0, y), to: (400, y))
    }
    var (still, moved) = (crowded, crowded)
    let crossing = still.place("name", beside: (200, 50), radius: 2)
    let across = try #require(crossing)
    #expect(across.box.y < 100, "where there is no other place, it crosses one")
    let elsewhere = moved.place(
      "name", beside: (200, 50), radius: 2, orBeside: [(200, 60), (200, 150)])
    let clear = try #require(elsewhere)
    #expect(clear.box.y > 100 && clear.box.maxY < 200)
    let first = moved.place("name", beside: (50, 150), radius: 2, orBeside: [(200, 180)])
    let free = try #require(first)
    #expect(free.box.x < 100, "a place of its own comes first")
  }

  /// Both lines of the sample's trainings bear their names, and no line strikes these or the
  /// figure that lies on one of them.
  @Test(arguments: ChartLayout.Size.allCases)
  func namesOfCurvesAreStruckByNoLine(_ size: ChartLayout.Size) throws {
    let chart = try #require(try SampleReport.report.trainingChart)
    let layout = ChartLayout(chart, size: size)
    let texts = ChartRenderer.render(chart, size: size).texts
    for name in ["our line", "fitted 6.4x a year", "stated $10"] {
      let box = try #require(texts.first { $0.text == name }).box
      for series in chart.series where series.form == .line {
        for (a, b) in zip(series.points, series.points.dropFirst()) {
          #expect(!box.meets(segment: layout.place(a), layout.place(b)), "\(name), \(series.id)")
        }
      }
    }
  }

  @Test func aLineIsDashedOutsideItsRange() {
    let chart = Chart(
      id: "dash", title: "", summary: "", x: .init("x"), y: .init("y"),
      series: [
        .init(
          id: "a", name: "a", colour: .blue, form: .line,
          points: [.init(x: 0, y: 0), .init(x: 10, y: 10)], solid: 4...6)
      ])
    let text = ChartRenderer.render(chart).text
    #expect(text.components(separatedBy: "class=\"curve out\"").count == 3)
    #expect(text.components(separatedBy: "class=\"curve\"").count == 2)
  }

  @Test func pointsThatTheAxesCannotShowAreNotDrawn() {
    let chart = Chart(
      id: "gaps", title: "", summary: "", x: .init("x"), y: .init("y", kind: .logarithmic),
      series: [
        .init(
          id: "a", name: "a", colour: .blue, form: .points(.circle),
          points: [
            .init(x: 1, y: 0), .init(x: 2, y: -3), .init(x: 3, y: .nan), .init(x: 4, y: 5),
            .init(x: .infinity, y: 5),
          ])
      ])
    let drawn = ChartRenderer.render(chart)
    #expect(drawn.points == 1)
    #expect(!drawn.text.contains("nan") && !drawn.text.contains("inf"))
  }

  @Test func anEmptyChartStillHasAxes() {
    let chart = Chart(
      id: "none", title: "t", summary: "s", x: .init("x"), y: .init("y"), series: [])
    #expect(ChartRenderer.render(chart).text.contains("class=\"edge\""))
  }

  private var here: String { #filePath.replacing("/SVG/", with: "/") }
}

/// Pairs of texts whose rectangles share more than an edge.
func overlaps(_ texts: [(text: String, box: Box)]) -> [String] {
  texts.indices.flatMap { i in
    texts.indices.filter { $0 > i && texts[i].box.overlaps(texts[$0].box) }
      .map { "'\(texts[i].text)' and '\(texts[$0].text)'" }
  }
}
