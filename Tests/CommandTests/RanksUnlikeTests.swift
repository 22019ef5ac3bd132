import Foundation
import Harness
import TestSupport
import Testing

/// Ranks that are not alike: with other CPUs, or other numbers of threads.
@Suite(
  .enabled(if: MPILauncher.openMPI != nil, MPILauncher.absence),
  .enabled(if: MPILauncher.cpus > 1, "needs two CPUs"))
struct RanksUnlikeTests {
  private let step = [
    "train", "--network", "resnet20", "--batch-size", "2", "--quick", "--duration", "50ms",
    "--no-save", "--format", "json",
  ]

  private typealias Rank = (before: [String], arguments: [String])

  private func measured(_ each: [Rank]) throws -> CaseRecord {
    let run = try MPILauncher.start(each: each).result(timeout: 120)
    #expect(run.status == 0, "\(run.errors)")
    let record = try ResultRecord.decoder().decode(ResultRecord.self, from: Data(run.output.utf8))
    return try #require(record.cases.first)
  }

  /// One of the CPUs that the tests may run on.
  private func oneCPU() throws -> String {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let key = "Cpus_allowed_list:"
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(key) })
    return String(line.dropFirst(key.count).drop { !$0.isNumber }.prefix { $0.isNumber })
  }

  @Test(.enabled(if: CommandProcess.path(of: "taskset") != nil, "needs taskset"))
  func allTakeTheFewestThreads() throws {
    let bound: Rank = (["taskset", "-c", try oneCPU()], step)
    let free: Rank = ([], step)
    for each in [[bound, free], [free, bound]] {
      let item = try measured(each)
      #expect(item.id == "train/resnet20/b2/r2/t1/native")
      #expect(item.correctness.status == .passed)
    }
  }

  /// They add in other orders, and are right all the same.
  @Test(arguments: ["f32", "bf16"])
  func ranksOfOtherThreadsAreNoWrongAnswer(precision: String) throws {
    let item = try measured(
      ["1", "2"].map { threads in
        (before: [], arguments: step + ["--precision", precision, "--threads", threads])
      })
    #expect(item.correctness.status == .passed)
  }
}
