import Harness
import Testing

/// Each counter that moved over a sample gives its own flag.
@Suite struct DisturbanceTests {
  /// Readings a second apart, of a thread that had the CPU for so long.
  private func flags(_ change: (Int64, Int64, Int32, UInt64), cpuSeconds: Double) -> Disturbance {
    var start = DisturbanceCounters()
    (start.involuntarySwitches, start.majorFaults, start.cpu) = (7, 5, 1)
    (start.stealTicks, start.cpuSeconds) = (90, 2)
    var end = start
    end.involuntarySwitches += change.0
    end.majorFaults += change.1
    end.cpu += change.2
    end.stealTicks += change.3
    end.cpuSeconds += cpuSeconds
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
