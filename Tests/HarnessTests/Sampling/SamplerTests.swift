import Harness
import TestSupport
import Testing

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
    let workload = FakeWorkload(nanoseconds: 20_000)
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
    let workload = FakeWorkload(nanoseconds: 101_000_000)
    let sampler = Sampler(workload, settings: short)
    sampler.warmUp()
    #expect(workload.calls == 1)
    #expect(sampler.callsPerSample == 1)
    #expect(sampler.warmupNs.count == 1)
  }

  @Test func latenciesAreNotBatched() {
    var settings = short
    settings.batchesCalls = false
    let sampler = Sampler(FakeWorkload(nanoseconds: 1000), settings: settings)
    sampler.warmUp()
    #expect(sampler.callsPerSample == 1)
  }

  /// The harness's own part of the shortest sample: an empty call's time, and a batch that spreads
  /// the clock's cost below a thousandth.
  ///
  /// No time is asserted, only the batch that was chosen.
  @Test func anEmptyWorkloadIsBatchedBeyondTheClocksCost() {
    let sampler = Sampler(FakeWorkload(nanoseconds: 0), settings: short)
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
