import Foundation
import Harness
import TestSupport
import Testing

/// `costcurve report --fleet` as a process: kept runs of two machines, and its refusals.
struct FleetCommandTests {
  private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized.path
  /// The first of schema 1, both priced by assumption.
  ///
  /// The second is kept apart from `Results`, where its machine's run is replaced by a newer one; the
  /// first is held there by `OlderRecordsTests` as well.
  private static let committed = [
    project + "/Results/2026-11-22-amd-epyc-2cpu/run.json.gz",
    project + "/Tests/Fixtures/intel-xeon-run.json.gz",
  ]
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  private func fleet(_ arguments: [String]) throws -> CommandProcess {
    try CommandProcess(["report", "--fleet"] + arguments, directory: folder.root)
  }

  private func plain(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing("\u{A0}", with: " ")
  }

  private struct Comparison: Decodable {
    struct MachineType: Decodable {
      var letter: String
      var name: String
      var runs: [Int]
      var usdPerHour: Double?
      var hasOwnPrice: Bool
    }
    struct Case: Decodable {
      var name: String
      var rateUnit: String
      var entries: [Entry]
      var fastest: Winner
      var cheapest: Winner
    }
    struct Entry: Decodable {
      var machineType: String
      var rate: Double?
      var usd: Double?
    }
    struct Winner: Decodable {
      var machineType: String?
      var provisional: Bool
      var ratio: Double?
      var reason: String
    }
    var validity: RunValidity
    var machineTypes: [MachineType]
    var cases: [Case]
    var casesOfOneRun: [String]

    func named(_ name: String) throws -> Case {
      try #require(cases.first { $0.name == name }, "\(name)")
    }
  }

  private func comparison(_ arguments: [String]) throws -> Comparison {
    let outcome = try fleet(arguments + ["--format", "json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let data = Data(outcome.output.utf8)
    #expect(try PublishedSchema.named("costcurve.fleet").violations(in: data) == [])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Comparison.self, from: data)
  }

  @Test func theCommittedRunsAreTwoMachineTypes() throws {
    let found = try comparison(Self.committed)
    #expect(
      found.machineTypes.map(\.name) == ["AMD EPYC, 2 CPUs", "Intel(R) Xeon(R) Processor, 2 CPUs"])
    #expect(found.machineTypes.allSatisfy { !$0.hasOwnPrice })
    #expect(found.validity.doubts.contains { $0.what.contains("several commits") })
    // 63.0 [59.3, 67.0] against 41.5 [36.4, 44.9] images/s, the second of one process.
    let best = try found.named("infer/resnet50/b16/t2/native")
    #expect(best.fastest.machineType == "A" && best.fastest.provisional)
    #expect(abs((best.fastest.ratio ?? 0) - 62.98994881378948 / 41.51350227569625) < 1e-9)
    #expect(best.cheapest.machineType == nil)
    #expect(best.cheapest.reason == "no type has a price of its own")
    // [32.0, 64.2] against [29.2, 35.7], and a run without an interval.
    let open = try found.named("infer/resnet50/b16/t2/native-direct")
    #expect(open.fastest.machineType == nil && open.fastest.reason == "the intervals overlap")
    let unknown = try found.named("infer/resnet50/b16/t2/openblas")
    #expect(unknown.fastest.reason == "not all have an interval")
    #expect(found.casesOfOneRun.count == 74)
  }

  @Test func theAnswerFitsAScreen() throws {
    let outcome = try fleet(Self.committed)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect((1...40).contains(outcome.output.count { $0 == "\n" }), "\(outcome.output)")
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let text = plain(outcome.output)
    #expect(text.contains("The builds are of several commits: 1be679e775 (run 1)"), "\(text)")
    #expect(
      text.contains(
        "A (AMD EPYC, 2 CPUs) is the fastest at infer/resnet50/b16/t2/native, provisionally: 63.0 "
          + "[59.3, 67.0] images/s, 1.52x [1.32, 1.84] as fast as the next."), "\(text)")
    #expect(text.contains("Which is the cheapest is open"), "\(text)")
    let full = try fleet(Self.committed + ["--full"])
    #expect(full.output.count { $0 == "\n" } > 100)
    #expect(plain(full.output).contains("peak/read-dram/t2"))
  }

  /// One price for all is the user's word, and then the faster is the cheaper.
  @Test func aGivenPriceCanWin() throws {
    let found = try comparison(Self.committed + ["--usd-per-hour", "0.36"])
    #expect(found.machineTypes.allSatisfy { $0.hasOwnPrice && $0.usdPerHour == 0.36 })
    let item = try found.named("infer/resnet50/b16/t2/native")
    #expect(item.cheapest.machineType == "A")
    for entry in item.entries {
      #expect(abs((entry.usd ?? 0) * (entry.rate ?? 0) / 1e5 - 1) < 1e-9)
    }
    let one = try comparison(Self.committed + ["--instance", "c5.large"])
    #expect(one.machineTypes.allSatisfy { !$0.hasOwnPrice }, "one price per vCPU")
  }

  @Test func everyFormIsWritten() throws {
    let csv = try fleet(Self.committed + ["--format", "csv"])
    let lines = csv.output.split(separator: "\r\n")
    #expect(lines.count == 1 + 2 * 128, "\(lines.count)")
    #expect(lines[0].hasPrefix("case,id,kind,threads,machine_type,machine,"))
    let markdown = try fleet(Self.committed + ["--format", "markdown"]).output
    #expect(markdown.contains("| A | AMD EPYC, 2 CPUs |") && markdown.utf8.count < 65_536)
    let page = try fleet(
      Self.committed + ["--format", "html", "--charts", folder.path("charts")])
    #expect(page.status == 0, "\(page.errors)")
    #expect(page.output.hasPrefix("<!DOCTYPE html>"))
    #expect(page.output.contains("id=\"figure-fleet-scatter-1\""))
    let charts = try FileManager.default.contentsOfDirectory(atPath: folder.path("charts"))
    #expect(charts.contains("fleet-scatter-1.svg") && charts.contains("fleet-scatter-1.csv"))
  }

  private func file(_ name: String, _ record: ResultRecord) throws -> String {
    try folder.file(name, try SampleRuns.data(record))
  }

  private func expectRefusal(
    _ arguments: [String], status: Int32 = 9, _ words: String,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try fleet(arguments)
    #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.errors.contains(words), "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
  }

  @Test func whatIsNoFleetIsRefused() throws {
    let one = try file("one.json", try SampleRuns.timed())
    let copy = try file("copy.json", try SampleRuns.timed())
    let two = try file("two.json", try SampleRuns.timed(slowness: 0.5, cpu: "another"))
    try expectRefusal([one], status: 64, "two runs or more")
    try expectRefusal([one, one], "run 2 (one.json) is the same run as run 1 (one.json)")
    try expectRefusal([one, copy], "run 2 (copy.json) is the same run as run 1 (one.json)")
    try expectRefusal([one, folder.path("none.json")], status: 5, "none.json")
    let other = try folder.file("other.json", Data("{\"schema\": \"other\"}".utf8))
    try expectRefusal([one, other], status: 1, "other.json")
    var newer = try SampleRuns.timed(slowness: 0.5, cpu: "another")
    newer.schemaVersion = 99
    try expectRefusal([one, try file("newer.json", newer)], status: 1, "schema version 99")
    try expectRefusal([one, two, "--peers", one], status: 64, "--fleet compares runs alone")
    let taken = try fleet([one, two])
    #expect(taken.status == 0, "\(taken.errors)")
  }

  @Test func whatIsNotComparableIsRefused() throws {
    let one = try file("one.json", try SampleRuns.timed())
    let sample = try SampleRuns.timed(slowness: 0.5, cpu: "another")
    var wrong = sample
    wrong.cases[1].correctness = .init(status: .failed, maxError: 0.5)
    wrong.cases[1].validity = .init(ok: false, reasons: ["wrong answer: relative error 0.5"])
    try expectRefusal([one, try file("wrong.json", wrong)], "wrong answer: relative error 0.5")
    var small = sample
    for place in small.cases.indices {
      small.cases[place].id = small.cases[place].id.replacing("/b16/", with: "/b8/")
    }
    try expectRefusal([one, try file("small.json", small)], "batch sizes 16 against 8")
    var dated = try SampleRuns.timed()
    dated.price?.asOf = "2026-07-30"
    var later = sample
    later.price?.asOf = "2026-08-30"
    let files = [try file("dated.json", dated), try file("later.json", later)]
    try expectRefusal(files, "2026-07-30 in run 1 (dated.json), 2026-08-30 in run 2 (later.json)")
    let priced = try fleet(files + ["--usd-per-hour", "0.36"])
    #expect(priced.status == 0, "\(priced.errors)")
  }

  /// A file of several runs, as 'report --format json' writes it, is as good as several files.
  @Test func severalRunsMayLieInOneFile() throws {
    let one = try file("one.json", try SampleRuns.timed())
    let two = try file("two.json", try SampleRuns.timed(slowness: 0.5, cpu: "another"))
    let joined = folder.path("joined.json")
    let written = try CommandProcess([
      "report", one, two, "--no-history", "--format", "json", "-o", joined,
    ])
    #expect(written.status == 0, "\(written.errors)")
    let found = try comparison([joined, "--redact"])
    #expect(found.machineTypes.map(\.runs) == [[1], [2]])
    #expect(try found.named("infer/resnet50/b16/t2/native").fastest.machineType == "B")
  }
}
