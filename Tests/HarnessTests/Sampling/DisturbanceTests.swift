import Harness
import Testing

/// Each counter that moved over a sample gives its own flag.
@Suite struct DisturbanceTests {
  /// Readings a second apart, of a thread that had the CPU for so long.
  private func flags(_ change: (Int64, Int64, Int32, UInt64), cpuSeconds: Double) -> Disturbance {
    let start = DisturbanceCounters(
      involuntarySwitches: 7, majorFaults: 5, cpu: 1, stealTicks: 90, cpuSeconds: 2)
    let end = DisturbanceCounters(
      involuntarySwitches: 7 + change.0, majorFaults: 5 + change.1, cpu: 1 + change.2,
      stealTicks: 90 + change.3, cpuSeconds: 2 + cpuSeconds)
    return DisturbanceCounters.flags(from: start, to: end, wallSeconds: 1)
  }

  @Test func oneCounterIsOneFlag() {
    #expect(flags((0, 0, 0, 0), cpuSeconds: 1) == [])
    #expect(flags((1, 0, 0, 0), cpuSeconds: 0.5) == .preempt)
    #expect(flags((0, 1, 0, 0), cpuSeconds: 1) == .fault)
    #expect(flags((0, 0, 1, 0), cpuSeconds: 1) == .migrate)
    #expect(flags((0, 0, -1, 0), cpuSeconds: 1) == .migrate)
    #expect(flags((0, 0, 0, 1), cpuSeconds: 1) == .steal)
    #expect(flags((1, 1, 1, 1), cpuSeconds: 0) == [.preempt, .fault, .migrate, .steal])
  }

  /// A switch that took no time is none, and time without a CPU may have been waited for.
  @Test func preemptionTakesASwitchAndTime() {
    #expect(flags((1, 0, 0, 0), cpuSeconds: 0.995) == [])
    #expect(flags((1, 0, 0, 0), cpuSeconds: 0.985) == .preempt)
    #expect(flags((0, 0, 0, 0), cpuSeconds: 0.5) == [])
  }
}
