import Foundation

/// What the machine does to everything that runs on it, between a start and a reading.
package final class NoiseMeter {
  private let start: ProcStat?
  private let proc: String

  package init(proc: String = "/proc") {
    self.proc = proc
    start = ProcStat.read(proc: proc)
  }

  /// Steal since the start, and the pressure now.
  ///
  /// - Parameter preemptionPercent: The share that the samples' own flags give.
  /// - Returns: Shares in percent, null where the kernel does not tell.
  package func reading(preemptionPercent: Double? = nil) -> Context.NoiseRecord {
    Context.NoiseRecord(
      stealPercent: stealPercent, preemptionPercent: preemptionPercent,
      pressurePercent: Self.pressure(proc: proc))
  }

  /// Share of CPU time that the hypervisor gave to others since the start, in percent.
  package var stealPercent: Double? {
    guard let start, let now = ProcStat.read(proc: proc), now.total > start.total else {
      return nil
    }
    return 100 * Double(now.steal - start.steal) / Double(now.total - start.total)
  }

  /// `some avg10` of CPU pressure, in percent; nil where the kernel does not measure it.
  package static func pressure(proc: String = "/proc") -> Double? {
    let text = KernelFile.text(proc + "/pressure/cpu") ?? ""
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("some") }) else {
      return nil
    }
    return line.split(separator: " ").first { $0.hasPrefix("avg10=") }
      .flatMap { Double($0.dropFirst("avg10=".count)) }
  }

  /// Ticks of the first line of /proc/stat.
  struct ProcStat {
    var steal: UInt64
    var total: UInt64

    static func read(proc: String) -> ProcStat? {
      let line = (KernelFile.text(proc + "/stat") ?? "").split(separator: "\n").first ?? ""
      let numbers = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
      guard numbers.count >= 8 else { return nil }
      // Guest time is already within user time, so only the first eight columns add up.
      return ProcStat(steal: numbers[7], total: numbers.prefix(8).reduce(0, +))
    }
  }
}
