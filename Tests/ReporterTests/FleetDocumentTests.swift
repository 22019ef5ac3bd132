import Economics
import Harness
import Reporter
import Testing

/// What is told and drawn of machine types beside each other.
@Suite struct FleetDocumentTests {
  /// The sample run, every call of which takes so many times as long.
  private func run(_ cpu: String, slowness: Double, usdPerHour: Double = 0.096) -> ResultRecord {
    var record = SampleReport.briefRecord
    record.cases.removeAll { $0.isWrong }
    record.peaks = []
    record.context.machine.cpu = cpu
    for index in record.cases.indices {
      guard var statistics = record.cases[index].statistics else { continue }
      statistics.medianNs *= slowness
      statistics.p05Ns *= slowness
      statistics.ci95Ns = [statistics.medianNs * 0.98, statistics.medianNs * 1.02]
      record.cases[index].statistics = statistics
      var derived = record.cases[index].derived
      derived.imagesPerSecond = derived.imagesPerSecond.map { $0 / slowness }
      derived.itemsPerSecond = derived.itemsPerSecond.map { $0 / slowness }
      derived.gflopsDirect = derived.gflopsDirect.map { $0 / slowness }
      record.cases[index].derived = derived
    }
    record.price?.usdPerHour = usdPerHour
    return record
  }

  private func compare(_ records: [ResultRecord]) throws -> (FleetComparison, Document) {
    let files = records.indices.map { "run\($0 + 1).json" }
    let fleet = try FleetComparison(zip(files, records).map { (file: $0, record: $1) })
    return (fleet, Document(fleet, records: records))
  }

  private func plain(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing("\u{A0}", with: " ")
  }

  private func charts(_ document: Document) -> [Chart] {
    document.sections.flatMap(\.blocks).compactMap { block -> Chart? in
      if case .chart(let chart) = block { chart } else { nil }
    }
  }

  private func tables(_ document: Document) -> [DataTable] {
    document.sections.flatMap(\.blocks).compactMap { block -> DataTable? in
      if case .table(let table) = block { table } else { nil }
    }
  }

  @Test func theAnswerNamesBothWinners() throws {
    let (_, document) = try compare([
      run("Alpha", slowness: 1), run("Beta", slowness: 0.5, usdPerHour: 0.3),
    ])
    let answer = plain(try #require(document.sections.first { $0.id == "answer" }?.lead))
    let id = "infer/resnet50/b16/t2/native"
    #expect(answer.contains("is the fastest at \(id), provisionally: 48.8 ["), "\(answer)")
    #expect(answer.contains("images/s, 2.00x [1.92, 2.08] as fast as the next."), "\(answer)")
    #expect(answer.contains("A (sample.large: Alpha, 2 CPUs) is the cheapest"), "\(answer)")
    #expect(answer.contains("Fastest of 5 cases of networks: B in 5."), "\(answer)")
    #expect(document.notice == nil, "one build, two quiet machines")
  }

  @Test func assumedPricesLeaveTheCheapestOpen() throws {
    var runs = [run("Alpha", slowness: 1), run("Beta", slowness: 0.5)]
    for place in runs.indices {
      runs[place].price = .init(usdPerHour: 0.09, basis: "assumed: median of many, per vCPU")
    }
    let (_, document) = try compare(runs)
    let answer = plain(document.sections[0].lead)
    #expect(
      answer.contains(
        "Which is the cheapest is open: no type has a price of its own; assumed prices are one "
          + "price per CPU for all."), "\(answer)")
    let types = try #require(tables(document).first { $0.id == "fleet-types" })
    #expect(types.rows.allSatisfy { $0[4].text == "assumed: median of many (cannot win)" })
    let lead = try #require(document.sections.first { $0.id == "fleet-scatter" }?.lead)
    #expect(lead.contains("There is no front"))
  }

  @Test func everyCaseIsDrawnWithItsFront() throws {
    let (fleet, document) = try compare([
      run("Alpha", slowness: 1), run("Beta", slowness: 0.5, usdPerHour: 0.3),
      run("Gamma", slowness: 2),
    ])
    let networks = fleet.cases.filter(\.kind.isNetwork)
    let charts = charts(document)
    #expect(charts.count == networks.count)
    #expect(Set(charts.map(\.id)).count == charts.count)
    let chart = charts[0]
    #expect(chart.series.map(\.id).sorted() == ["front", "type-A", "type-B", "type-C"])
    let front = try #require(chart.series.first { $0.id == "front" })
    #expect(front.points.map(\.x) == front.points.map(\.x).sorted() && front.points.count == 2)
    let beaten = try #require(chart.series.first { $0.id == "type-C" }?.points.first)
    #expect(beaten.detail.contains("beaten in both") && beaten.interval != nil)
    let page = HTMLReport().text(document)
    #expect(page.contains("id=\"figure-fleet-scatter-1\"") && page.contains("fleet-cases-1"))
    #expect(ChartFile.all(in: document).count == charts.count)
  }

  @Test func theTablesHaveWinnersAndReasons() throws {
    let (_, document) = try compare([run("Alpha", slowness: 1), run("Beta", slowness: 0.99)])
    let table = try #require(tables(document).first { $0.id == "fleet-cases-1" })
    #expect(table.columns.map(\.head).contains("Cost (USD per 10⁹ images)"))
    let place = try #require(table.columns.firstIndex { $0.title == "Fastest" })
    #expect(table.rows[0][place].text == "open: the intervals overlap")
    #expect(table.rows[1][place].text.isEmpty)
    #expect(tables(document).contains { $0.id.hasPrefix("fleet-kernels-") })
    let differences = try #require(tables(document).first { $0.id == "differences" })
    #expect(differences.columns.map(\.title) == ["What", "A, run 1", "B, run 2"])
  }

  @Test func runsOfOneTypeAreASpread() throws {
    let (_, document) = try compare([run("Alpha", slowness: 1), run("Alpha", slowness: 0.8)])
    let answer = plain(document.sections[0].lead)
    #expect(answer.contains("All runs are of one machine type."), "\(answer)")
    #expect(answer.contains("2 runs gave [24.4, 30.5] images/s, a spread of 22 %"), "\(answer)")
    #expect(tables(document).contains { $0.columns.map(\.title).contains("Runs") })
  }

  @Test func manyTypesFitAScreenAndATableForPrograms() throws {
    let records = (1...30).map { number in
      run("A processor of quite a long name, number \(number)", slowness: 1 + Double(number) / 10)
    }
    let (fleet, document) = try compare(records)
    let text = ScreenReport().text(document, rest: "The rest.")
    #expect(text.count { $0 == "\n" } <= ScreenReport.lines, "\(text)")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(fleet.machineTypes[26].letter == "A2")
    let lines = fleet.csv.split(separator: "\r\n")
    #expect(lines.count == 1 + fleet.cases.reduce(0) { $0 + $1.entries.count })
    #expect(MarkdownReport().text(document).contains("| A2 |"))
  }

  /// Names of a file's own are text everywhere.
  @Test func whatAFileSaysIsNoMarkup() throws {
    let name = "<script>alert(1)</script>"
    let (_, document) = try compare([run(name, slowness: 1), run("Beta", slowness: 0.5)])
    #expect(!HTMLReport().text(document).contains(name))
    #expect(!MarkdownReport().text(document).contains(name))
  }
}
