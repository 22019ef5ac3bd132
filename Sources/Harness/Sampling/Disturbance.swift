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
  /// The kernel ran something else: an involuntary switch of the caller, and over 1 % of the time
  /// without CPU; or threads that were ready waited for a CPU for over 1 % of it and 50 µs.
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

  /// Percent of the samples with these labels that had one of some flags; nil without samples.
  static func percent(of labels: [String], with flags: Disturbance) -> Double? {
    guard !labels.isEmpty else { return nil }
    let disturbed = labels.count { !Disturbance(label: $0).isDisjoint(with: flags) }
    return 100 * Double(disturbed) / Double(labels.count)
  }
}

/// The counters whose change over a sample makes its flags.
package struct DisturbanceCounters: Sendable {
  /// Times that the kernel ran something else instead of the thread.
  package var involuntarySwitches: Int64 = 0
  /// Pages that came from disk.
  package var majorFaults: Int64 = 0
  /// The CPU that the thread is on, from 0.
  package var cpu: Int32 = 0
  /// Of the whole machine; a tick is 10 ms.
  package var stealTicks: UInt64 = 0
  /// CPU time that the thread has had.
  package var cpuSeconds = 0.0
  /// Time that threads of the process were ready and had no CPU, of all of them together.
  package var waitedSeconds = 0.0

  /// Shorter waits are taken for the waking of a helper.
  private static let wakingSeconds = 50e-6

  package init() {}

  /// Reads all counters of the calling thread.
  ///
  /// Allocates nothing.
  static func read(steal: StealCounter, waits: WaitCounter) -> DisturbanceCounters {
    var counters = DisturbanceCounters()
    costcurve_thread_usage(&counters.involuntarySwitches, &counters.majorFaults)
    counters.cpu = costcurve_current_cpu()
    counters.stealTicks = steal.ticks()
    counters.cpuSeconds = costcurve_thread_cpu_seconds()
    counters.waitedSeconds = waits.seconds()
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
    let waited = end.waitedSeconds - start.waitedSeconds
    if waited > max(0.01 * wallSeconds, wakingSeconds) { flags.insert(.preempt) }
    if end.majorFaults > start.majorFaults { flags.insert(.fault) }
    if end.cpu != start.cpu { flags.insert(.migrate) }
    return flags
  }
}
