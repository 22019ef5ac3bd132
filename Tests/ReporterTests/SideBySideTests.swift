import Harness
import Reporter
import Testing

/// Several runs side by side: ratios, what differs, and a winner only where intervals are apart.
@Suite struct SideBySideTests {
  private static let id = "infer/resnet50/b16/t2/native"

  /// The sample run beside a run of another machine whose every call takes so many times as long.
  ///
  /// - Parameters:
  ///   - slowness: Above 0.
  ///   - spread: Half of the 95 % interval of both, as a share of the time.
  ///   - provisional: Whether intervals are of one process.
  /// - Returns: The report of both.
  /// - Throws: Where the sample's tables cannot be read.
  private func report(
    slowness: Double, spread: Double = 0.02, provisional: Bool = false
  ) throws -> Report {
    func run(_ factor: Double) -> ResultRecord {
      var record = SampleReport.record
      for index in record.cases.indices {
        guard var statistics = record.cases[index].statistics else { continue }
        statistics.medianNs *= factor
        statistics.ci95Ns = [
          statistics.medianNs * (1 - spread), statistics.medianNs * (1 + spread),
        ]
        (statistics.ci95Method, statistics.provisional) = ("processes", provisional)
        record.cases[index].statistics = statistics
        let derived = record.cases[index].derived
        record.cases[index].derived.imagesPerSecond = derived.imagesPerSecond.map { $0 / factor }
        record.cases[index].derived.itemsPerSecond = derived.itemsPerSecond.map { $0 / factor }
        let usd = record.cases[index].derived.usdPerBillionImages.map { $0 * factor }
        record.cases[index].derived.usdPerBillionImages = usd
        record.cases[index].derived.usdPerBillionImagesCi95 = usd.map {
          [$0 * (1 - spread), $0 * (1 + spread)]
        }
      }
      return record
    }
    var other = run(slowness)
    other.context.machine.cpu = "Another Processor"
    other.context.march = "x86-64-v4"
    var report = try Report.sample(of: run(1))
    report.others = [other]
    return report
  }

  private func table(_ id: String, of report: Report) throws -> DataTable {
    let tables = report.document.sections.flatMap(\.blocks).compactMap { block -> DataTable? in
      if case .table(let table) = block { table } else { nil }
    }
    return try #require(tables.first { $0.id == id })
  }

  private func row(_ report: Report) throws -> [DataTable.Cell] {
    try #require(try table("side-by-side", of: report).rows.first { $0[0].text == Self.id })
  }

  @Test func theFastestIsNamedWhereIntervalsAreApart() throws {
    let report = try report(slowness: 0.5)
    let cells = try row(report)
    #expect(cells.last?.text == "Run 2" && cells.last?.tone == .good)
    #expect(abs((cells[3].number ?? 0) - 2) < 1e-12, "run 2 over run 1")
    // From the ends of both: 1.02/0.49 down to 0.98/0.51.
    #expect(cells[3].interval == "[1.92, 2.08]")
    let answer = try #require(report.document.sections.first { $0.id == "answer" }?.lead)
    #expect(answer.hasPrefix("Run 2 (Another Processor) is the fastest at \(Self.id): 2.00x"))
    #expect(answer.contains("Run 2 is the cheapest: $"), "\(answer)")
  }

  @Test func whereTheyOverlapItIsOpen() throws {
    let report = try report(slowness: 0.97)
    let cells = try row(report)
    #expect(cells.last?.text == "open" && cells.last?.note == "the 95 % intervals overlap")
    let answer = try #require(report.document.sections.first { $0.id == "answer" }?.lead)
    #expect(answer.contains("is open: the intervals overlap."), "\(answer)")
    #expect(answer.contains("Which is the cheapest is open"), "\(answer)")
  }

  @Test func oneProcessMakesItProvisionalAndABusyMachineOpen() throws {
    let quick = try report(slowness: 0.5, provisional: true)
    #expect(try row(quick).last?.text == "Run 2, provisional")
    var busy = try report(slowness: 0.5)
    busy.others[0].context.noise.otherProcessesPercent = 60
    busy.others[0].context.noise.before = .init(othersPercent: 90, stealPercent: 0, runQueue: 3)
    try #require(busy.others[0].context.noise.isBusy)
    #expect(try row(busy).last?.text == "open")
    #expect(busy.document.sections[0].lead.contains("a machine was busy"))
  }

  @Test func whatIsMissingInOneIsNoWinner() throws {
    var report = try report(slowness: 0.5)
    report.others[0].cases.removeAll { $0.id == Self.id }
    let cells = try row(report)
    #expect(cells.last?.text == "open" && cells[3].text == "–")
  }

  @Test func whatDiffersIsTold() throws {
    let differences = try table("differences", of: try report(slowness: 1))
    let told = Dictionary(
      uniqueKeysWithValues: differences.rows.map { ($0[0].text, $0.dropFirst().map(\.text)) })
    #expect(told["Instruction set"]?.last == "x86-64-v4")
    #expect(told["Processor"]?.last?.contains("Another Processor") == true)
    #expect(told["Memory"] == nil && differences.caption.contains("memory"))
    #expect(differences.caption.contains("CPUs"))
  }

  /// A window's tab has room for some thirty letters.
  @Test func theTitleIsShort() throws {
    let report = try report(slowness: 1)
    #expect(report.document.title.contains("Another Processor"))
    #expect(report.document.title.count <= 70, "\(report.document.title)")
    var many = report
    many.others = (0..<5).map { number in
      var run = report.others[0]
      run.context.machine.cpu = "Processor number \(number) of a long name indeed"
      return run
    }
    #expect(many.document.title.count <= 80 && many.document.title.hasSuffix(" and 4 more"))
    #expect(HTMLReport().text(many).contains("side-by-side"))
  }
}
