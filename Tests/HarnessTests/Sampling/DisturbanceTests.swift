import Foundation
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

  /// A helper that waits for its CPU, while the caller spins on its own.
  @Test(arguments: [
    (1.0, 0.02, true), (1.0, 0.009, false), (1e-3, 60e-6, true), (1e-3, 40e-6, false),
  ])
  func threadsThatWaitAreADisturbance(wall: Double, waited: Double, counts: Bool) {
    let start = DisturbanceCounters()
    var end = start
    (end.cpuSeconds, end.waitedSeconds) = (wall, waited)
    let flags = DisturbanceCounters.flags(from: start, to: end, wallSeconds: wall)
    #expect(flags == (counts ? .preempt : []))
  }

  /// More threads than CPUs that all want to run must wait, if the kernel tells of it.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/schedstat")))
  func waitsOfOtherThreadsAreCounted() {
    let busy = (0..<2 * ProcessInfo.processInfo.activeProcessorCount).map { _ in
      let thread = Thread { while !Thread.current.isCancelled {} }
      thread.start()
      return thread
    }
    defer { busy.forEach { $0.cancel() } }
    let deadline = Date(timeIntervalSinceNow: 20)
    var waited = 0.0
    while waited < 0.01, Date() < deadline {
      let counter = WaitCounter()
      let before = counter.seconds()
      Thread.sleep(forTimeInterval: 0.1)
      waited = counter.seconds() - before
    }
    #expect(waited >= 0.01)
  }
}
