import CShims
import Harness
import Kernels
import Testing

/// A workload whose calls last a chosen time, or none at all.
final class BusyWorkload: Workload {
  let id = "gemm/busy/t1/fake"
  let kind = CaseRecord.Kind.gemm
  let parameters: [String: JSONValue] = [:]
  let algorithm = "fake"
  let threads = 1
  let directFLOPs = FLOPs(1)
  let executedFLOPs = FLOPs(1)
  let imagesPerCall: Int? = nil
  let bytesPerCall: Double? = nil
  private let nanoseconds: UInt64
  private(set) var calls = 0

  init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  func run() {
    calls &+= 1
    guard nanoseconds > 0 else { return }
    let begin = costcurve_clock_ns()
    while costcurve_clock_ns() &- begin < nanoseconds { costcurve_spin_pause() }
  }
  func check() -> CaseRecord.Correctness { .init(status: .passed, maxError: 0) }
  func checksum() -> UInt64 { 42 }
}

@Suite struct SamplerTests {
  private var short: Sampler.Settings {
    var settings = Sampler.Settings()
    settings.warmupSeconds = 0.01
    settings.warmupCapSeconds = 0.1
    return settings
  }

  @Test func theClockKnowsItself() {
    let clock = Clock.measured()
    #expect(clock.costNs >= 1 && clock.stepNs >= 1)
    #expect(clock.name.hasPrefix("CLOCK_MONOTONIC"))
    var last = Clock.now()
    for _ in 0..<1000 {
      let now = Clock.now()
      #expect(now >= last)
      last = now
    }
  }

  @Test func shortCallsAreBatched() {
    let workload = BusyWorkload(nanoseconds: 20_000)
    let sampler = Sampler(workload, settings: short)
    sampler.warmUp()
    let calls = sampler.callsPerSample
    #expect(calls & (calls - 1) == 0, "\(calls) is no power of two")
    // A batch of at least 1 ms; a disturbed machine may have made the calls longer, not shorter.
    #expect(calls >= 2 && Double(calls) * 20e-6 <= 8e-3)
    let before = workload.calls
    _ = sampler.sample()
    #expect(workload.calls - before == calls)
    #expect(sampler.sample().nsPerCall >= 20_000)
  }

  @Test func aLongCallIsItsOwnSampleAfterOneCall() {
    let workload = BusyWorkload(nanoseconds: 101_000_000)
    let sampler = Sampler(workload, settings: short)
    sampler.warmUp()
    #expect(workload.calls == 1)
    #expect(sampler.callsPerSample == 1)
    #expect(sampler.warmupNs.count == 1)
  }

  @Test func latenciesAreNotBatched() {
    var settings = short
    settings.batchesCalls = false
    let sampler = Sampler(BusyWorkload(nanoseconds: 1000), settings: settings)
    sampler.warmUp()
    #expect(sampler.callsPerSample == 1)
  }

  /// The harness's own part of the shortest sample: an empty call's time, and a batch that spreads
  /// the clock's cost below a thousandth.
  ///
  /// No time is asserted, only the batch that was chosen.
  @Test func anEmptyWorkloadIsBatchedBeyondTheClocksCost() {
    let sampler = Sampler(BusyWorkload(nanoseconds: 0), settings: short)
    sampler.warmUp()
    #expect(sampler.callsPerSample >= 1 << 12)
  }

  @Test func flagsSurviveTheirLabels() {
    let all: Disturbance = [.steal, .preempt, .fault, .migrate]
    #expect(all.label == "steal+preempt+fault+migrate")
    #expect(Disturbance(label: all.label) == all)
    #expect(Disturbance([]).label.isEmpty)
    #expect(Disturbance(label: "preempt+canaryF") == .preempt)
  }
}
