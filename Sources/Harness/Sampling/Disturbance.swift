import CShims
import Foundation

/// What the machine did to a thread while a sample was taken.
///
/// A flag never removes a sample. Steal ticks are specific but rare (a tick is 10 ms); they and
/// preemption explain the tail of a shared machine's noise, not its body, so they support a
/// verdict and never replace pairing.
package struct Disturbance: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The hypervisor took time from a CPU of this guest.
  package static let steal = Disturbance(rawValue: 1)
  /// The kernel ran something else: an involuntary switch, and over 1 % of the time without CPU.
  package static let preempt = Disturbance(rawValue: 2)
  /// A page came from disk.
  package static let fault = Disturbance(rawValue: 4)
  /// The thread ended on another CPU than it began on.
  package static let migrate = Disturbance(rawValue: 8)

  private static let names: [(Disturbance, String)] = [
    (.steal, "steal"), (.preempt, "preempt"), (.fault, "fault"), (.migrate, "migrate"),
  ]

  /// As a record keeps it: names joined by `+`, or an empty string.
  package var label: String {
    Self.names.filter { contains($0.0) }.map { $0.1 }.joined(separator: "+")
  }

  /// Reads what `label` writes; names that it does not know are skipped.
  package init(label: String) {
    self = []
    for part in label.split(separator: "+") {
      if let known = Self.names.first(where: { $0.1 == part }) { insert(known.0) }
    }
  }
}

/// The counters whose change over a sample makes its flags.
package struct DisturbanceCounters: Sendable {
  private var involuntarySwitches: Int64
  private var majorFaults: Int64
  private var cpu: Int32
  private var stealTicks: UInt64
  private var cpuSeconds: Double

  /// One reading of a thread.
  ///
  /// - Parameters:
  ///   - involuntarySwitches: Times that the kernel ran something else, so far.
  ///   - majorFaults: Pages that came from disk, so far.
  ///   - cpu: The CPU that it is on, counted from 0.
  ///   - stealTicks: Of the whole machine, so far; a tick is 10 ms.
  ///   - cpuSeconds: CPU time that it has had.
  package init(
    involuntarySwitches: Int64 = 0, majorFaults: Int64 = 0, cpu: Int32 = 0, stealTicks: UInt64 = 0,
    cpuSeconds: Double = 0
  ) {
    self.involuntarySwitches = involuntarySwitches
    self.majorFaults = majorFaults
    self.cpu = cpu
    self.stealTicks = stealTicks
    self.cpuSeconds = cpuSeconds
  }

  /// Reads all counters of the calling thread.
  ///
  /// Allocates nothing.
  static func read(steal: StealCounter) -> DisturbanceCounters {
    var counters = DisturbanceCounters()
    costcurve_thread_usage(&counters.involuntarySwitches, &counters.majorFaults)
    counters.cpu = costcurve_current_cpu()
    counters.stealTicks = steal.ticks()
    counters.cpuSeconds = costcurve_thread_cpu_seconds()
    return counters
  }

  /// The flags of what lies between two readings `wallSeconds` apart.
  package static func flags(
    from start: DisturbanceCounters, to end: DisturbanceCounters, wallSeconds: Double
  ) -> Disturbance {
    var flags: Disturbance = []
    if end.stealTicks > start.stealTicks { flags.insert(.steal) }
    let withoutCPU = wallSeconds - (end.cpuSeconds - start.cpuSeconds)
    if end.involuntarySwitches > start.involuntarySwitches, withoutCPU > 0.01 * wallSeconds {
      flags.insert(.preempt)
    }
    if end.majorFaults > start.majorFaults { flags.insert(.fault) }
    if end.cpu != start.cpu { flags.insert(.migrate) }
    return flags
  }
}
