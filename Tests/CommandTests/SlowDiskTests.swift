import Foundation
import Harness
import History
import TestSupport
import Testing

/// Signals while the disk is slow: what was measured is saved all the same.
@Suite(.enabled(if: CompiledLibrary.canBeMade, "needs the toolchain's clang on the PATH"))
struct SlowDiskTests {
  /// A run on a disk of its own.
  private struct SlowRun {
    private let directory: TemporaryDirectory
    let disk: SlowDisk
    let process: CommandProcess.Running
    var report: String { directory.path("report") }
    var database: String { directory.path("h.sqlite") }

    /// Begins it; once the disk is slow, each file takes so many seconds.
    init(seconds: Int) throws {
      directory = try TemporaryDirectory()
      disk = try SlowDisk(of: directory.root, seconds: seconds)
      process = try CommandProcess.Running(
        [
          "run", "--processes", "3", "--duration", "300ms", "--threads", "1", "--filter",
          "^gemm/(256|512)x", "--output-folder", directory.path("report"), "--database",
          directory.path("h.sqlite"),
        ], environment: disk.environment)
    }

    /// Whether its head, 4 checks, a probe, and two of the 12 processes are noted.
    private var isInItsMiddle: Bool {
      let journal = "\(report)/\(RunJournal.fileName)"
      let noted = FileManager.default.contents(atPath: journal) ?? Data()
      return noted.count(where: { $0 == UInt8(ascii: "\n") }) >= 8
    }

    /// Begins runs, and sends each its signal in its middle, once its disk has become slow.
    static func interrupted(by signals: [Int32], seconds: Int) throws -> [SlowRun] {
      let runs = try signals.map { _ in try SlowRun(seconds: seconds) }
      var waiting = Array(runs.indices)
      let deadline = Date(timeIntervalSinceNow: 60)
      while !waiting.isEmpty, Date() < deadline {
        let ready = waiting.filter { runs[$0].isInItsMiddle }
        for index in ready {
          try runs[index].disk.begin()
          runs[index].process.send(signals[index])
        }
        waiting.removeAll { ready.contains($0) }
        usleep(2_000)
      }
      #expect(waiting.isEmpty, "a run did not come to its middle")
      return runs
    }
  }

  /// Each of the files takes a second, more together than an idle process would be given.
  ///
  /// The runs go on at once, for most of their time is the disk's.
  @Test func whatWasMeasuredIsSavedFirst() throws {
    let signals = [SIGINT, SIGTERM, SIGHUP]
    for (signal, slow) in zip(signals, try SlowRun.interrupted(by: signals, seconds: 1)) {
      let run = try slow.process.result(timeout: 120)
      #expect(run.status == 130, "signal \(signal): \(run.errors)")
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(slow.report)/run.json"))
      let record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
      let processes = record.cases.reduce(0) { $0 + $1.processes.count }
      #expect(processes > 0 && processes < 12, "signal \(signal)")
      let left = try FileManager.default.contentsOfDirectory(atPath: slow.report).sorted()
      #expect(left == ["report.html", "report.md", "run.json", "unfinished.jsonl"])
      #expect(try Store(path: slow.database, mustExist: true).count() == 1)
      #expect(run.output.contains("All of it: "), "the report was not shown")
      #expect(run.errors.contains("--resume"), "signal \(signal): \(run.errors)")
    }
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    let run = try #require(try SlowRun.interrupted(by: [SIGINT], seconds: 3600).first)
    #expect(run.disk.isSeen())
    run.process.send(SIGINT)
    #expect(try run.process.result().status == 130)
  }

  @Test func theEpochThatWasJustCompletedIsSaved() throws {
    let directory = try TemporaryDirectory()
    let report = directory.path("report")
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
