import Foundation
import Harness
import History
import TestSupport
import Testing

/// Signals while the disk is slow: what was measured is saved all the same.
@Suite(.enabled(if: CompiledLibrary.canBeMade, "needs the toolchain's clang on the PATH"))
struct SlowDiskTests {
  private let directory: TemporaryDirectory
  private var report: String { directory.path("report") }
  private var database: String { directory.path("h.sqlite") }

  init() throws { directory = try TemporaryDirectory() }

  /// A run that is sent a signal in its middle, once the disk has become slow.
  private func interrupt(_ disk: SlowDisk, by signal: Int32) throws -> CommandProcess.Running {
    let running = try CommandProcess.Running(
      [
        "run", "--processes", "3", "--duration", "300ms", "--threads", "1", "--filter",
        "^gemm/(256|512)x", "--output-folder", report, "--database", database,
      ], environment: disk.environment)
    let journal = "\(report)/\(RunJournal.fileName)"
    let deadline = Date(timeIntervalSinceNow: 60)
    while Date() < deadline {
      let noted = FileManager.default.contents(atPath: journal) ?? Data()
      // The head, 4 checks, a probe, and two of the 12 processes.
      if noted.count(where: { $0 == UInt8(ascii: "\n") }) >= 8 { break }
      usleep(2_000)
    }
    try disk.begin()
    running.send(signal)
    return running
  }

  /// Each of the files takes a second, more together than an idle process would be given.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func whatWasMeasuredIsSavedFirst(signal: Int32) throws {
    let run = try interrupt(SlowDisk(of: directory.root, seconds: 1), by: signal)
      .result(timeout: 120)
    #expect(run.status == 130, "\(run.errors)")
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(report)/run.json"))
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    let processes = record.cases.reduce(0) { $0 + $1.processes.count }
    #expect(processes > 0 && processes < 12)
    let left = try FileManager.default.contentsOfDirectory(atPath: report).sorted()
    #expect(left == ["report.html", "report.md", "run.json", "unfinished.jsonl"])
    #expect(try Store(path: database, mustExist: true).count() == 1)
    #expect(run.output.contains("All of it: "), "the report was not shown")
    #expect(run.errors.contains("--resume"))
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    let disk = try SlowDisk(of: directory.root, seconds: 3600)
    let running = try interrupt(disk, by: SIGINT)
    #expect(disk.isSeen())
    running.send(SIGINT)
    #expect(try running.result().status == 130)
  }

  @Test func theEpochThatWasJustCompletedIsSaved() throws {
    let data = directory.path("data")
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try IDXFiles.write(
      IDXFiles.twoKinds(300, size: 8, seed: 1), IDXFiles.twoKinds(50, size: 8, seed: 2), size: 8,
      to: data)
    let arguments = [
      "train", "--dataset", "fashion-mnist", "--data", data, "--epochs", "50", "--run-directory",
      report,
    ]
    let disk = try SlowDisk(of: "\(report)/checkpoint", seconds: 2)
    try disk.begin()
    let running = try CommandProcess.Running(arguments, environment: disk.environment)
    #expect(disk.isSeen())
    running.send(SIGTERM)
    let run = try running.result(timeout: 120)
    #expect(run.status == 130, "\(run.errors)")
    #expect(run.errors.contains("1 of 50 epochs are complete"), "\(run.errors)")
    let curve = try TrainDatasetTests.curve(
      Data(contentsOf: URL(fileURLWithPath: "\(report)/epochs.tsv")))
    #expect(curve.count == 2)
  }
}
