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
    let worker = try directory.executable(
      "worker",
      """
      D='\(directory.root)'
      while read -r word rest; do case "$word" in
      hello) echo '{"ok":true,"protocol":1,"worker":"fake"}';;
      prepare) \(onPrepare)
        echo '{"ok":true,"case":{"id":"'"${rest%% *}"'","kind":"infer","parameters":{},'\\
      '"algorithm":"fake","threads":1,"flop":{"direct":1,"executed":1}}}';;
      check) echo '{"ok":true,"correctness":{"status":"\(correctness)","max_error":0.5}}';;
      run) \(onRun)
        echo '{"ok":true,"samples_ns":\(samples),"flags":[""],"calls_per_sample":1,'\\
      '"peak_memory_bytes":1000}';;
      quit) exit 0;;
      esac; done
      """)
    var search = CheapestSearch(
      network: "resnet18", engine: .native, options: [:], threads: 1, seconds: 0.01)
    (search.launch, search.patience) = (WorkerLaunch(executable: worker), patience)
    return search
  }

  /// More instances than this machine has CPUs, each of which answers only once all have been asked.
  @Test func allInstancesRunAtTheSameTime() throws {
    let count = ProcessInfo.processInfo.activeProcessorCount + 14
    let meet = """
      [ -n "$first" ] && { touch "$D/in$$"
        while [ $(ls "$D" | grep -c '^in') -lt \(count) ]; do sleep 0.02; done; }; first=no
      """
    let found = try search(onRun: meet).measure((4, 1, count), cancel: CancelFlag())
    #expect(found.instances == count)
    #expect(abs(found.itemsPerSecond - 4000 * Double(count)) < 1e-6)
    #expect(found.peakMemoryBytes == 1000 * count)
  }

  @Test func theIntervalIsTheSumOfTheInstances() throws {
    #expect(try search().measure((1, 1, 1), cancel: CancelFlag()).imagesPerSecondCi95 == nil)
    let samples = (0..<64).map { 1_000_000 + 10_000 * Double($0 * 7 % 13) }
    let search = try search(samples: samples)
    let one = try search.measure((1, 1, 1), cancel: CancelFlag())
    let two = try search.measure((1, 1, 2), cancel: CancelFlag())
    let ends = try #require(one.imagesPerSecondCi95)
    #expect(ends.count == 2 && ends[0] < one.itemsPerSecond && one.itemsPerSecond < ends[1])
    let both = try #require(two.imagesPerSecondCi95)
    for (sum, end) in zip(both, ends) { #expect(abs(sum - 2 * end) < 1e-9 * sum) }
  }

  @Test func aWrongAnswerHasNoPrice() throws {
    let error = #expect(throws: Problem.self) {
      try search(correctness: "failed").measure((1, 1, 2), cancel: CancelFlag())
    }
    #expect(error?.kind == .wrongAnswer)
  }

  @Test func aCrashEndsTheOthersAndIsTheCause() throws {
    let one = "mkdir \"$D/first\" 2>/dev/null && kill -9 $$; "
    let error = #expect(throws: Problem.self) {
      try search(onPrepare: one).measure((1, 1, 3), cancel: CancelFlag())
    }
    #expect(error?.kind == .crashed && error?.description.contains("signal 9") == true)
  }

  @Test func nobodyWaitsForEver() throws {
    // One of them is never ready.
    let stuck = "mkdir \"$D/first\" 2>/dev/null && sleep 3600; "
    let error = #expect(throws: Problem.self) {
      try search(onPrepare: stuck, patience: 0.3).measure((1, 1, 3), cancel: CancelFlag())
    }
    #expect(error == .timedOut(case: "another instance", seconds: 0.3))
  }

  @Test func isCancelledWhileWaiting() throws {
    let stuck = "mkdir \"$D/first\" 2>/dev/null && { touch \"$D/stuck\"; sleep 3600; }; "
    let (search, cancel, path) = (
      try search(onPrepare: stuck), CancelFlag(), directory.path("stuck")
    )
    Thread.detachNewThread {
      while !FileManager.default.fileExists(atPath: path) { usleep(2_000) }
      cancel.cancel()
    }
    let error = #expect(throws: Problem.self) {
      try search.measure((1, 1, 3), cancel: cancel)
    }
    #expect(error == .interrupted)
  }
}
