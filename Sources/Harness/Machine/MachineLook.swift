import Foundation

/// What else a machine does while this process waits.
package struct MachineLook: Codable, Hashable, Sendable {
  /// Share of the time of the CPUs that other processes used, in percent.
  package var othersPercent: Double
  /// Share of it that the hypervisor gave to other guests, in percent.
  package var stealPercent: Double
  /// Tasks of others that ran or waited for a CPU, on average; null where the kernel does not tell.
  @Nullable package var runQueue: Double?

  package init(othersPercent: Double, stealPercent: Double, runQueue: Double?) {
    (self.othersPercent, self.stealPercent) = (othersPercent, stealPercent)
    self._runQueue = Nullable(wrappedValue: runQueue)
  }

  /// Looks for a while, during which the calling thread sleeps.
  ///
  /// - Parameters:
  ///   - seconds: How long; half a second tells a busy CPU from an idle one.
  ///   - proc: Where the kernel's files are.
  /// - Returns: Nil where the kernel does not tell.
  package static func take(seconds: Double = 0.5, proc: String = "/proc") -> MachineLook? {
    guard let start = CPUTimes.read(proc: proc) else { return nil }
    let own = CPUTimes.ownSeconds()
    var queue: [Double] = []
    let begin = Clock.now()
    while Double(Clock.now() &- begin) * 1e-9 < seconds {
      usleep(20_000)
      // One of those that run is this process; others of its job wait for it in a loop.
      if let now = CPUTimes.read(proc: proc)?.runnable {
        queue.append(Double(max(0, now - 1 - JobProcesses.count)))
      }
    }
    guard let end = CPUTimes.read(proc: proc),
      var look = MachineLook(from: start, to: end, ownSeconds: CPUTimes.ownSeconds() - own)
    else { return nil }
    if !queue.isEmpty { look.runQueue = queue.reduce(0, +) / Double(queue.count) }
    return look
  }

  /// Whether a measurement that began now would find the machine to itself.
  package var isQuiet: Bool {
    othersPercent <= Quietness.mostOthersBriefly && stealPercent <= Quietness.mostStealBriefly
  }

  package var sentence: String {
    var text = "Other processes use \(Units.percent(othersPercent)) of the CPU time"
    if stealPercent > 0 { text += ", other guests \(Units.percent(stealPercent))" }
    if let runQueue { text += "; \(Units.number(runQueue, digits: 2)) tasks run or wait" }
    return text + "."
  }
}

/// Up to where a machine counts as quiet.
///
/// A virtual machine of two CPUs with nothing to do but this has a percent or two of others' time
/// and under a percent of steal; one busy loop on it is 50 %.
package enum Quietness {
  /// Percent of CPU time that others may use over a whole run.
  package static let mostOthers = 5.0
  /// The same over half a second, in which a daemon's moment weighs more.
  package static let mostOthersBriefly = 10.0
  /// Percent of CPU time of others up to which steady times tell a peak: what shares a core with us
  /// all the time makes every time alike too slow.
  package static let mostOthersBesideAPeak = 20.0
  /// Percent of CPU time that the hypervisor may give away over a whole run; quiet runs of a shared
  /// virtual machine had 0.5 to 1.0.
  package static let mostSteal = 2.0
  /// The same over half a second, where one tick of two CPUs is a percent.
  package static let mostStealBriefly = 3.0
  /// Percent of samples that may have been preempted.
  package static let mostPreempted = 10.0
  /// Percent of a run in which work may have waited for a CPU.
  package static let mostPressure = 20.0
  /// Percent of CPU time of others below which waiting and preemption are our own threads' doing.
  package static let fewOthers = 3.0
  /// Relative interquartile range of work that touches registers only, in percent.
  package static let mostControlSpread = 25.0
}
