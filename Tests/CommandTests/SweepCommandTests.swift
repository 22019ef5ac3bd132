import Foundation
import Harness
import TestSupport
import Testing

/// `costcurve infer` with lists of batch sizes and threads, and by the counting of LoadGen.
@Suite struct SweepCommandTests {
  private let user: UserFolder

  init() throws { user = try UserFolder() }

  private static let small = ["infer", "resnet20", "--no-save"]
  private static let brief = ["--threads", "1", "--quick", "--duration", "20ms"]

  /// Beside other tests a rate may be refused as impossible (7); the record is whole all the same.
  private func measured(_ arguments: [String]) throws -> CommandProcess {
    let outcome = try user.start(Self.small + arguments).result(timeout: 300)
    try #require([0, 7].contains(outcome.status), "\(arguments): \(outcome.errors)")
    return outcome
  }

  private func record(_ text: String) throws -> ResultRecord {
    let data = Data(text.utf8)
    #expect(try PublishedSchema.named("costcurve.result").violations(in: data) == [])
    return try ResultRecord.decoder().decode(ResultRecord.self, from: data)
  }

  /// Every form of one sweep, the later ones made from its record.
  @Test func aListIsMeasuredCaseByCase() throws {
    let sweep = ["--batch-size", "1,2,4", "--usd-per-hour", "0.36"] + Self.brief
    let json = try measured(sweep + ["--format", "json"])
    let record = try record(json.output)
    #expect(
      record.cases.map(\.id) == [
        "infer/resnet20/b1/t1/native", "infer/resnet20/b2/t1/native", "infer/resnet20/b4/t1/native",
      ])
    for (item, batch) in zip(record.cases, [1, 2, 4]) {
      let line = "costcurve infer --network resnet20 --batch-size \(batch) --threads 1 "
      #expect(item.repeat.hasPrefix(line), "\(item.repeat)")
      #expect(item.correctness.status == .passed && item.scenario == nil)
    }
    #expect(record.extent?.casesAsked == 3 && record.extent?.interrupted == false)
    guard json.status == 0 else { return }
    let file = try user.directory.file("sweep.json", Data(json.output.utf8))
    let report = ["report", file, "--no-history"]
    let page = try user.start(report + ["--format", "html"]).result().output
    #expect(page.contains("data-chart=\"cost-latency\""))
    let csv = FormsTests.table(try user.start(report + ["--format", "csv"]).result().output)
    #expect(csv.rows.count == 3)
    #expect(try user.start(report + ["--charts", "charts"]).result().status == 0)
    for name in ["cost-latency.svg", "cost-latency.csv", "cost-by-latency.svg"] {
      #expect(FileManager.default.fileExists(atPath: user.directory.path("charts/\(name)")))
    }
    let text = try user.start(report).result().output
    #expect(text.contains("Cost by latency") && text.contains("█"), "\(text)")
    #expect(text.count { $0 == "\n" } <= 40)
    let markdown = try user.start(report + ["--format", "markdown"]).result().output
    #expect(markdown.contains("Cost against latency"))
  }

  private static let tenThousand = (1...10_000).map { "\($0)" }.joined(separator: ",")
  private static let tooMany = (1...65).map { "\($0)" }.joined(separator: ",")

  /// Arguments, and what the sentence that refuses them says.
  private static let refused: [([String], String)] = [
    (["--batch-size", "1,,2"], "'1,,2'"), (["--batch-size", "1,x"], "'1,x'"),
    (["--batch-size", "1,0"], "from 1 to 65536, not 0"), (["--batch-size", "0"], "not 0"),
    (["--batch-size", ","], "','"), (["--batch-size", "2,1,2"], "names 2 twice"),
    (["--batch-size", tenThousand], "10 000 numbers"),
    (["--threads", "1,,1"], "'1,,1'"), (["--threads", "1,1"], "names 1 twice"),
    (["--threads", "1,100000"], "--threads 100000: this process may use"),
    (["--threads", tooMany], "65 numbers; 64"),
    (["--batch-size", "1,2", "--explain"], "--explain"),
    (["--scenario", "offline", "--batch-size", "1,2"], "takes one --batch-size"),
    (["--scenario", "single-stream", "--batch-size", "4"], "1 sample"),
    (["--scenario", "multi-stream", "--batch-size", "4"], "8 samples"),
    (["--scenario", "single-stream", "--cheapest"], "--cheapest and --scenario"),
    (["--precision", "f32,int8"], "--cheapest searches each"),
    (["--precision", "int8,int8", "--cheapest"], "int8,int8"),
    (["--precision", "f32", "--cheapest", "--calibration", "x.npy"], "--precision int8"),
    (["--peers"], "--peers is for --cheapest"), (["--only", "x"], "--only is for --peers"),
    (["--cheapest", "--peers", "--input-size", "32"], "leave out --input-size"),
    (["--scenario", "server"], "server"), (["--streams", "4"], "multi-stream"),
    (["--samples", "4"], "offline"), (["--scenario", "multi-stream", "--streams", "0"], "not 0"),
  ]

  @Test(arguments: refused)
  func whatIsNoListIsRefused(_ arguments: [String], _ words: String) throws {
    let outcome = try user.start(Self.small + arguments).result()
    #expect(outcome.status == 64, "\(arguments.joined(separator: " ").prefix(80))")
    #expect(outcome.errors.contains(words), "\(outcome.errors.prefix(400))")
    #expect(outcome.output.isEmpty && outcome.errors.utf8.count < 4_000)
  }

  /// Where one number is meant, a list is no number, and the sentence says where it is one.
  @Test(arguments: [
    ["train", "resnet20", "--batch-size", "1,2"], ["kernels", "--batch-size", "1,2"],
    ["kernels", "--threads", "1,2"], ["run", "--threads", "1,2"],
    ["compare", "native", "native", "--batch-size", "1,2"],
  ])
  func otherCommandsTakeOneNumber(_ arguments: [String]) throws {
    let outcome = try user.start(arguments + ["--no-save"]).result()
    #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
    #expect(outcome.errors.contains("takes one number here, not '1,2'"), "\(outcome.errors)")
  }

  @Test func onlyTheHelpOfInferSpeaksOfLists() throws {
    func help(_ command: String) throws -> String {
      try user.start([command, "--help"]).result().output.replacing(/\s+/, with: " ")
    }
    let infer = try help("infer")
    #expect(infer.contains("--batch-size may be a list"), "\(infer)")
    for command in ["train", "scaling", "compare", "kernels"] {
      let text = try help(command)
      #expect(text.contains("--batch-size") && !text.contains("of a list"), "\(text)")
    }
  }

  /// Twelve cases of a second take longer than the wait.
  @Test(arguments: [SIGINT, SIGTERM])
  func aStoppedSweepSaysHowMuchItMeasured(by signal: Int32) throws {
    let list = (1...12).map(String.init).joined(separator: ",")
    let running = try user.start(
      Self.small + ["--batch-size", list, "--threads", "1", "--quick", "--duration", "1s"])
    Thread.sleep(forTimeInterval: 8)
    running.send(signal)
    let outcome = try running.result()
    #expect(outcome.status == 130, "\(outcome.errors)")
    guard !outcome.output.isEmpty else {
      #expect(outcome.errors.contains("stopped before any of 12 cases was measured"))
      return
    }
    let words = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let first = String(words.prefix(600))
    #expect(
      first.firstMatch(of: /stopped before its end: \d+ of 12 cases measured/) != nil,
      "\(outcome.output)")
    #expect(outcome.output.count { $0 == "\n" } <= 40)
  }

  @Test func aStreamHasItsQueriesAndItsFigure() throws {
    let json = try measured(
      ["--scenario", "single-stream", "--usd-per-hour", "1", "--format", "json"] + Self.brief)
    let record = try record(json.output)
    let item = try #require(record.cases.first)
    #expect(item.id == "infer/resnet20/b1/t1/native" && item.processes.count == 1)
    #expect(item.repeat.hasSuffix(" --scenario single-stream --duration 20ms"))
    guard json.status == 0 else { return }
    let scenario = try #require(item.scenario)
    #expect(scenario.queries >= 64 && scenario.queries == item.processes[0].samplesNs.count)
    #expect(scenario.value == item.derived.latencyMs?.p90)
    #expect(scenario.departures.contains { $0.contains("600 s") })
  }

  @Test func severalStreamsHave662Queries() throws {
    let json = try measured(
      ["--scenario", "multi-stream", "--streams", "2", "--format", "json"] + Self.brief)
    let item = try #require(try record(json.output).cases.first)
    #expect(item.id == "infer/resnet20/b2/t1/native")
    #expect(item.processes[0].samplesNs.count >= 662)
    guard json.status == 0 else { return }
    #expect(item.scenario?.value == item.derived.latencyMs?.p99 && item.scenario?.value != nil)
  }

  @Test func oneQueryHasAllSamples() throws {
    let json = try measured(
      ["--scenario", "offline", "--samples", "100", "--batch-size", "8", "--format", "json"]
        + Self.brief)
    let item = try #require(try record(json.output).cases.first)
    #expect(item.id == "infer/resnet20/b8/t1/native")
    let times = item.processes[0].samplesNs
    #expect(times.count >= 13)
    guard json.status == 0 else { return }
    let scenario = try #require(item.scenario)
    #expect(scenario.queries == 1 && scenario.samplesPerQuery == 8 * times.count)
    let rate = Double(8 * times.count) * 1e9 / times.reduce(0, +)
    #expect(abs((scenario.value ?? 0) / rate - 1) < 1e-9)
  }
}
