import Foundation

/// What the machine does to everything that runs on it, between a start and a reading.
package final class NoiseMeter {
  /// What it did before the start; nil where nobody looked.
  package let before: MachineLook?
  private let start: CPUTimes?
  private let ownSecondsAtStart: Double
  private let waitedAtStart: Pressure?
  private let began: UInt64
  private let proc: String

  /// - Parameters:
  ///   - proc: Where the kernel's files are.
  ///   - before: What a look at the machine saw just now.
  package init(proc: String = "/proc", before: MachineLook? = nil) {
    (self.proc, self.before) = (proc, before)
    start = CPUTimes.read(proc: proc)
    ownSecondsAtStart = CPUTimes.ownSeconds()
    waitedAtStart = Pressure.read(proc: proc)
    began = Clock.now()
  }

  /// What was seen since the start.
  ///
  /// Children that still live count as others, so ask after they have ended.
  ///
  /// - Parameter preemptionPercent: The share that the samples' own flags give.
  /// - Returns: Shares in percent, null where the kernel does not tell.
  package func reading(preemptionPercent: Double? = nil) -> Context.NoiseRecord {
    let span = self.span
    var noise = Context.NoiseRecord(
      stealPercent: span?.stealPercent, preemptionPercent: preemptionPercent,
      pressurePercent: pressurePercent)
    noise.otherProcessesPercent = span?.othersPercent
    noise.before = before
    return noise
  }

  /// Share of CPU time that the hypervisor gave to others since the start, in percent.
  package var stealPercent: Double? { span?.stealPercent }

  private var span: MachineLook? {
    guard let start, let now = CPUTimes.read(proc: proc) else { return nil }
    return MachineLook(
      from: start, to: now, ownSeconds: CPUTimes.ownSeconds() - ownSecondsAtStart)
  }

  /// Share of the time since the start in which work waited for a CPU, in percent; over the last
  /// ten seconds where the time since is too short to tell.
  private var pressurePercent: Double? {
    guard let now = Pressure.read(proc: proc) else { return nil }
    let seconds = Double(Clock.now() &- began) * 1e-9
    guard let first = waitedAtStart, seconds >= 1, now.totalSeconds >= first.totalSeconds else {
      return now.lastTenSecondsPercent
    }
    return min(100, 100 * (now.totalSeconds - first.totalSeconds) / seconds)
  }

  /// The line `some` of CPU pressure.
  private struct Pressure {
    var lastTenSecondsPercent: Double
    var totalSeconds: Double

    /// Nil where the kernel does not measure it.
    static func read(proc: String) -> Pressure? {
      guard let line = KernelFile.line("some ", in: proc + "/pressure/cpu") else { return nil }
      func value(_ name: String) -> Double? {
        line.split(separator: " ").first { $0.hasPrefix(name + "=") }
          .flatMap { Double($0.dropFirst(name.count + 1)) }
      }
      guard let percent = value("avg10") else { return nil }
      return Pressure(
        lastTenSecondsPercent: percent, totalSeconds: (value("total") ?? 0) * 1e-6)
    }
  }
}
