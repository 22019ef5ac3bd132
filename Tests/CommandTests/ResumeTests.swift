import Foundation
import Harness
import History
import TestSupport
import Testing

/// `run --resume` after Ctrl-C and after kill -9.
struct ResumeTests {
  private let directory: TemporaryDirectory
  private var report: String { directory.path("report") }
  private var journal: String { report + "/" + RunJournal.fileName }
  private var database: String { directory.path("h.sqlite") }

  init() throws { directory = try TemporaryDirectory() }

  private var begun: [String] {
    [
      "run", "--processes", "3", "--duration", "300ms", "--threads", "1", "--filter",
      "^gemm/(256|512)x", "--usd-per-hour", "0.5", "--output-folder", report, "--database",
      database,
    ]
  }

  /// Begins a run and ends it by a signal once `steps` steps are on the disk.
  private func interrupt(after steps: Int, by signal: Int32) throws -> Int32 {
    let running = try CommandProcess.Running(begun)
    let deadline = Date(timeIntervalSinceNow: 60)
    while lines().count < steps + 1, Date() < deadline { usleep(2_000) }
    running.send(signal)
    return try running.result().status
  }

  private func lines() -> [Substring] {
    let data = FileManager.default.contents(atPath: journal) ?? Data()
    return String(decoding: data, as: UTF8.self).split(separator: "\n")
  }

  private func resume(
    _ more: String..., environment: [String: String] = [:]
  ) throws -> CommandProcess {
    try resume(more, environment: environment)
  }

  private func resume(
    _ more: [String], environment: [String: String] = [:]
  ) throws -> CommandProcess {
    try CommandProcess(
      ["run", "--resume", "--output-folder", report, "--database", database] + more,
      environment: environment)
  }

  private func record() throws -> ResultRecord {
    let data = try Data(contentsOf: URL(fileURLWithPath: report + "/run.json"))
    return try ResultRecord.decoder().decode(ResultRecord.self, from: data)
  }

  @Test(arguments: [SIGKILL, SIGINT]) func anInterruptedRunIsFinished(by signal: Int32) throws {
    // 4 checks, a probe, and some of the 12 processes.
    let status = try interrupt(after: 8, by: signal)
    #expect(status == (signal == SIGINT ? 130 : 128 + signal))
    let before = lines().filter { $0.contains("\"timed\"") }.count
    #expect(before > 0 && before < 12, "\(before) of 12 processes before the interruption")
    let outcome = try resume("--format", "json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let record = try record()
    #expect(record.cases.count == 4)
    #expect(record.cases.allSatisfy { $0.processes.count == 3 && $0.validity.ok })
    #expect(record.context.resumed?.count == 1)
    #expect(record.context.arguments == begun)
    #expect(record.price?.usdPerHour == 0.5)
    #expect(!record.context.libraries.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: journal))
    // One run in the history, not the part and the whole.
    let list = try CommandProcess(["history", "list", "--format", "csv", "--database", database])
    #expect(list.output.split(whereSeparator: \.isNewline).count == 2, "\(list.output)")
    #expect(try resume().status == 5)
  }

  @Test func onlyTheSameMachineBinaryAndQuestionGoOn() throws {
    _ = try interrupt(after: 6, by: SIGKILL)
    let noted = lines()
    let other = try resume(environment: ["OPENBLAS_NUM_THREADS": "1"])
    #expect(other.status == 9)
    #expect(other.errors.contains("OPENBLAS_NUM_THREADS"))
    let deeper = try resume("--rigorous")
    #expect(deeper.status == 64)
    #expect(deeper.errors.contains("--processes 3"))
    let head = try #require(noted.first)
    let digest = try #require(head.firstMatch(of: /"executable":"([^"]*)"/)?.1)
    let rebuilt = noted.joined(separator: "\n").replacing(digest, with: "another") + "\n"
    try Data(rebuilt.utf8).write(to: URL(fileURLWithPath: journal))
    let newer = try resume()
    #expect(newer.status == 9)
    #expect(newer.errors.contains("the costcurve binary"))
    // A refusal takes nothing away, nor does a look at the cases.
    try Data((noted.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: journal))
    let list = try resume("--list")
    #expect(list.output.split(separator: "\n").count == 4, "\(list.output)")
    #expect(try resume("--quiet").status == 0)
    #expect(try record().cases.allSatisfy { $0.processes.count == 3 })
  }

  /// Options that a resumed run may have of its own: they say where output goes.
  private static let ofOutput: Set = [
    "list", "no-save", "database", "format", "output", "quiet", "no-color", "full",
    "output-folder", "resume", "version", "help",
  ]
  /// A use of every other option of `run`: each asks for another measurement or another price.
  private static let ofMeasurement: [String: [String]] = [
    "threads": ["--threads", "2"], "filter": ["--filter", "^gemm/64"], "quick": ["--quick"],
    "rigorous": ["--rigorous"], "duration": ["--duration", "7s"],
    "processes": ["--processes", "7"],
    "seed": ["--seed", "7"], "usd-per-hour": ["--usd-per-hour", "7"],
    "instance": ["--instance", "c5.4xlarge"], "engine": ["--engine", "openblas"],
    "smoke": ["--smoke"], "wait-for-quiet": ["--wait-for-quiet", "1s"],
  ]
  /// Each given with the three others, as `run` wants them.
  private static let ofOwnedHardware: Set = [
    "hardware-usd", "lifetime-years", "watts", "usd-per-kwh",
  ]

  @Test func everyOptionThatChangesTheQuestionIsRefused() throws {
    struct Help: Decodable {
      struct Name: Decodable { var name: String }
      struct Argument: Decodable { var preferredName: Name }
      struct Command: Decodable { var arguments: [Argument] }
      var command: Command
    }
    let dump = try CommandProcess(["run", "--experimental-dump-help"]).output
    let names = try JSONDecoder().decode(Help.self, from: Data(dump.utf8)).command.arguments
      .map(\.preferredName.name)
    let known = Self.ofOutput.union(Self.ofMeasurement.keys).union(Self.ofOwnedHardware)
    #expect(Set(names) == known, "say of a new option of 'run' what it changes")
    _ = try interrupt(after: 5, by: SIGKILL)
    for name in names {
      guard let use = Self.ofMeasurement[name] else { continue }
      try expectRefusal(resume(use), of: name)
    }
    // The four of owned hardware go together, so each is told from a run that has the other three.
    let noted = lines().joined(separator: "\n") + "\n"
    let owned = Self.ofOwnedHardware.sorted().flatMap { ["--\($0)", "3"] }
    let price = #""--usd-per-hour","0.5""#
    #expect(noted.contains(price))
    let asOwned = owned.map { "\"\($0)\"" }.joined(separator: ",")
    try Data(noted.replacing(price, with: asOwned).utf8).write(to: URL(fileURLWithPath: journal))
    let asBegun = begun.dropFirst().filter { !["0.5", "--usd-per-hour"].contains($0) }
    for name in Self.ofOwnedHardware {
      var other = owned
      other[(other.firstIndex(of: "--\(name)") ?? 0) + 1] = "4"
      try expectRefusal(resume(asBegun + other), of: name)
    }
    #expect(try resume(asBegun + owned + ["--list"]).status == 0)
  }

  private func expectRefusal(_ outcome: CommandProcess, of name: String) {
    #expect(outcome.status == 64, "--\(name) goes on with another run: \(outcome.errors)")
    #expect(outcome.errors.contains("takes the same options"), "--\(name): \(outcome.errors)")
  }
}
