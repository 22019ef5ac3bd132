import Basics
import Foundation
import Harness
import Kernels
import TestSupport
import Testing
import Workloads

/// Instances side by side, with workers written in the shell.
struct CheapestSearchTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// A search whose every worker runs `onPrepare` and `onRun` before it answers those lines.
  private func search(
    onPrepare: String = "", onRun: String = "", samples: [Double] = [1_000_000],
    correctness: String = "passed", patience: Double = 60
  ) throws -> CheapestSearch {
    let worker = try FakeInference.write(
      "worker", in: directory, onPrepare: onPrepare, onRun: onRun, samples: "\(samples)",
      correctness: correctness)
    var search = CheapestSearch(
      network: "resnet18", contenders: [.init(.native, launch: WorkerLaunch(executable: worker))],
      threads: 1, seconds: 0.01)
    search.patience = patience
    return search
  }

  /// What is done by all but the first process, which compares the answer and is not timed.
  private func afterTheCheck(_ shell: String) -> String {
    "mkdir \"$D/checker\" 2>/dev/null || { \(shell); }; "
  }

  /// So many instances of a search's only contender.
  private func candidate(
    _ search: CheapestSearch, batch: Int = 1, instances: Int
  ) throws -> CheapestSearch.Candidate {
    let contender = try #require(search.contenders.first)
    return .init(contender, batchSize: batch, threads: 1, instances: instances)
  }

  /// What a search gives for so many instances of its only contender.
  private func measure(
    _ search: CheapestSearch, batch: Int = 1, instances: Int, cancel: CancelFlag = CancelFlag()
  ) throws -> CheapestSearch.Configuration {
    try search.measure(
      try candidate(search, batch: batch, instances: instances), cancel: cancel)
  }

  /// More instances than this machine has CPUs, each of which answers only once all have been asked.
  @Test func allInstancesRunAtTheSameTime() throws {
    let count = ProcessInfo.processInfo.activeProcessorCount + 14
    let meet = """
      [ -n "$first" ] && { touch "$D/in$$"
        while [ $(ls "$D" | grep -c '^in') -lt \(count) ]; do sleep 0.02; done; }; first=no
      """
    let found = try measure(try search(onRun: meet), batch: 4, instances: count)
    #expect(found.instances == count)
    #expect(abs(found.itemsPerSecond - 4000 * Double(count)) < 1e-6)
    #expect(found.peakMemoryBytes == 1000 * count)
  }

  @Test func theIntervalIsTheSumOfTheInstances() throws {
    #expect(try measure(try search(), instances: 1).imagesPerSecondCi95 == nil)
    let samples = (0..<64).map { 1_000_000 + 10_000 * Double($0 * 7 % 13) }
    let search = try search(samples: samples)
    let one = try measure(search, instances: 1)
    let two = try measure(search, instances: 2)
    let ends = try #require(one.imagesPerSecondCi95)
    #expect(ends.count == 2 && ends[0] < one.itemsPerSecond && one.itemsPerSecond < ends[1])
    let both = try #require(two.imagesPerSecondCi95)
    for (sum, end) in zip(both, ends) { #expect(abs(sum - 2 * end) < 1e-9 * sum) }
  }

  @Test func aWrongAnswerHasNoPrice() throws {
    let error = #expect(throws: Problem.self) {
      try measure(try search(correctness: "failed"), instances: 2)
    }
    #expect(error?.kind == .wrongAnswer)
  }

  @Test func aCrashEndsTheOthersAndIsTheCause() throws {
    let one = afterTheCheck("mkdir \"$D/first\" 2>/dev/null && kill -9 $$")
    let error = #expect(throws: Problem.self) {
      try measure(try search(onPrepare: one), instances: 3)
    }
    #expect(error?.kind == .crashed && error?.description.contains("signal 9") == true)
  }

  @Test func nobodyWaitsForEver() throws {
    // One of them is never ready.
    let stuck = afterTheCheck("mkdir \"$D/first\" 2>/dev/null && sleep 3600")
    let error = #expect(throws: Problem.self) {
      try measure(try search(onPrepare: stuck, patience: 0.3), instances: 3)
    }
    #expect(error == .timedOut(case: "another instance", seconds: 0.3))
  }

  @Test func isCancelledWhileWaiting() throws {
    let stuck = afterTheCheck(
      "mkdir \"$D/first\" 2>/dev/null && { touch \"$D/stuck\"; sleep 3600; }")
    let (search, cancel, path) = (
      try search(onPrepare: stuck), CancelFlag(), directory.path("stuck")
    )
    Thread.detachNewThread {
      while !FileManager.default.fileExists(atPath: path) { usleep(2_000) }
      cancel.cancel()
    }
    let error = #expect(throws: Problem.self) {
      try measure(search, instances: 3, cancel: cancel)
    }
    #expect(error == .interrupted)
  }
}
