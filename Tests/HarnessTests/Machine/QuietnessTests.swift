import Foundation
import Harness
import TestSupport
import Testing

/// What tells a busy machine from a quiet one.
@Suite struct QuietnessTests {
  /// What a run noted of a virtual machine of two CPUs that had nothing else to do.
  private func quiet() -> Context.NoiseRecord {
    var noise = Context.sample().noise
    (noise.stealPercent, noise.preemptionPercent, noise.pressurePercent) = (0.4, 2.4, 6)
    noise.otherProcessesPercent = 1.6
    noise.before = MachineLook(othersPercent: 2, stealPercent: 0, runQueue: 0.1)
    noise.controlSpreadPercent = 4
    return noise
  }

  @Test func aQuietMachineIsNotDoubted() {
    #expect(RunValidity.ofMachine(quiet()) == [])
    #expect(!quiet().isBusy)
    // Our own threads on all CPUs make work wait and be preempted, with nobody else there.
    var own = quiet()
    (own.preemptionPercent, own.pressurePercent) = (45, 80)
    #expect(RunValidity.ofMachine(own) == [])
    // What a build left behind before the run is no matter when the run had the machine to itself.
    own.before = MachineLook(othersPercent: 100, stealPercent: 0, runQueue: 3)
    #expect(RunValidity.ofMachine(own) == [])
  }

  @Test func eachDisturbanceIsToldWithItsFigureAndRemedy() {
    func doubts(_ change: (inout Context.NoiseRecord) -> Void) -> [RunValidity.Doubt] {
      var noise = quiet()
      change(&noise)
      return RunValidity.ofMachine(noise)
    }
    let busy = doubts {
      ($0.otherProcessesPercent, $0.preemptionPercent, $0.pressurePercent) = (48, 63.5, 62.6)
      $0.before = MachineLook(othersPercent: 99, stealPercent: 0, runQueue: 2)
    }
    #expect(busy.count == 4)
    for figure in ["48.0 %", "63.5 %", "62.6 %", "99.0 %", "2.0 on average"] {
      #expect(busy.contains { $0.figure.contains(figure) }, "\(figure): \(busy.map(\.figure))")
    }
    #expect(
      busy.allSatisfy { $0.remedy.contains("--wait-for-quiet") && $0.sentence.hasSuffix(".") })
    #expect(doubts { $0.stealPercent = 2.5 }.count == 1)
    #expect(doubts { $0.otherProcessesPercent = 5.5 }.count == 1)
    #expect(doubts { $0.controlSpreadPercent = 26 }.count == 1)
    // Where the kernel does not tell who used the CPUs, what waits counts against the run.
    #expect(
      doubts {
        $0.otherProcessesPercent = nil
        $0.pressurePercent = 30
      }.count == 1)
  }

  /// The kernel's files as a test writes them.
  private func stat(_ folder: TemporaryDirectory, busy: Int, idle: Int) throws -> String {
    let text = """
      cpu  999999 0 0 1 0 0 0 0 0 0
      cpu0 \(busy) 0 0 \(idle) 0 0 0 0 0 0
      cpu1 999999 0 0 1 0 0 0 0 0 0
      procs_running 3

      """
    return try folder.file("stat", Data(text.utf8))
  }

  /// Of two CPUs one is ours by the affinity mask, and what runs on the other is no matter.
  @Test func onlyTheCPUsOfTheAffinityMaskCount() throws {
    let folder = try TemporaryDirectory()
    let proc = (try stat(folder, busy: 0, idle: 1000) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(
      atPath: proc + "/self", withIntermediateDirectories: true)
    try Data("Cpus_allowed_list:\t0\n".utf8).write(
      to: URL(fileURLWithPath: proc + "/self/status"))
    let meter = NoiseMeter(proc: proc)
    _ = try stat(folder, busy: 50_000, idle: 51_000)
    // Ticks of this very test are a handful of the hundred thousand.
    let percent = try #require(meter.reading().otherProcessesPercent)
    #expect(percent > 45 && percent <= 50)
    // The time that this process takes itself is not that of others.
    let own = NoiseMeter()
    let end = Date().addingTimeInterval(0.3)
    var sum = 0.0
    while Date() < end { sum += sum.squareRoot() + 1 }
    let others = try #require(own.reading().otherProcessesPercent)
    #expect(sum > 0 && others <= 100)
  }

  @Test func aLookSeesWhatRuns() throws {
    let folder = try TemporaryDirectory()
    let proc = (try stat(folder, busy: 0, idle: 1000) as NSString).deletingLastPathComponent
    // Counters that stand still tell nothing.
    #expect(MachineLook.take(seconds: 0.01, proc: proc) == nil)
    #expect(MachineLook.take(seconds: 0.01, proc: "/no/such/folder") == nil)
    let look = try #require(MachineLook.take(seconds: 0.2))
    #expect((0...100).contains(look.othersPercent) && look.stealPercent >= 0)
    #expect(!MachineLook(othersPercent: 50, stealPercent: 0, runQueue: 1).isQuiet)
    #expect(!MachineLook(othersPercent: 0, stealPercent: 20, runQueue: 0).isQuiet)
    #expect(MachineLook(othersPercent: 4, stealPercent: 1, runQueue: nil).isQuiet)
  }

  @Test func aWaitEndsWithTheNoiseOrWithItsTime() {
    let busy = MachineLook(othersPercent: 50, stealPercent: 0, runQueue: 1)
    let never = QuietWait(seconds: 0.02) {
      usleep(1000)
      return busy
    }
    #expect(never.wait(seconds: 0.02, cancel: CancelFlag()) == .neverQuiet(busy))
    let blind = QuietWait(seconds: 5) { nil }
    #expect(blind.wait(seconds: 5, cancel: CancelFlag()) == .neverQuiet(nil))
    let calm = QuietWait(seconds: 5) { MachineLook(othersPercent: 0, stealPercent: 0, runQueue: 0) }
    #expect(calm.wait(seconds: 5, cancel: CancelFlag()).wasQuiet)
    let cancel = CancelFlag()
    cancel.cancel()
    #expect(never.wait(seconds: 60, cancel: cancel) == .cancelled)
  }
}
