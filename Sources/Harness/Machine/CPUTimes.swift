import Foundation

/// What the kernel has counted of the CPUs that this process may use, since boot.
struct CPUTimes: Hashable {
  /// Ticks of 10 ms in which something ran.
  var busy: UInt64 = 0
  /// Ticks that the hypervisor gave to other guests.
  var steal: UInt64 = 0
  /// All ticks, idle ones and stolen ones too.
  var total: UInt64 = 0
  /// Tasks that run or wait for a CPU now, on all CPUs; nil where the kernel does not tell.
  var runnable: Int?

  /// Ticks in a second, as every Linux shows them to programs.
  static let ticksPerSecond = 100.0

  /// Reads /proc/stat: the CPUs of the affinity mask where it tells them apart, else all together.
  ///
  /// - Returns: Nil where there is nothing to read.
  static func read(proc: String = "/proc") -> CPUTimes? {
    let lines = (KernelFile.text(proc + "/stat") ?? "").split(separator: "\n")
    let allowed = allowedCPUs(proc: proc)
    let single = lines.filter { line in
      guard line.hasPrefix("cpu"), let number = Int(line.prefix { $0 != " " }.dropFirst(3)) else {
        return false
      }
      return allowed?.contains(number) ?? false
    }
    var times = CPUTimes()
    for line in single.isEmpty ? lines.filter({ $0.hasPrefix("cpu ") }) : single {
      let ticks = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
      guard ticks.count >= 8 else { continue }
      // Columns: user, nice, system, idle, iowait, irq, softirq, steal; guest time is within user.
      times.total += ticks.prefix(8).reduce(0, +)
      times.steal += ticks[7]
      times.busy += ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]
    }
    guard times.total > 0 else { return nil }
    times.runnable = lines.first { $0.hasPrefix("procs_running ") }
      .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    return times
  }

  /// The CPUs of this process's affinity mask; nil where the kernel does not tell.
  static func allowedCPUs(proc: String = "/proc") -> Set<Int>? {
    KernelFile.line("Cpus_allowed_list:", in: proc + "/self/status").map {
      Set(KernelFile.numbers($0.trimmingCharacters(in: .whitespaces)))
    }
  }

  /// Seconds of CPU time that this process, those of its children that have ended, and its job's
  /// other processes on this machine took so far.
  static func ownSeconds() -> Double {
    // RUSAGE_SELF and RUSAGE_CHILDREN, which Glibc gives Swift as a type that getrusage does not take.
    [Int32(0), Int32(-1)].reduce(JobProcesses.seconds()) { sum, who in
      var usage = rusage()
      guard getrusage(who, &usage) == 0 else { return sum }
      return [usage.ru_utime, usage.ru_stime].reduce(sum) {
        $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
      }
    }
  }
}

extension MachineLook {
  /// What happened on the CPUs between two readings.
  ///
  /// - Parameters:
  ///   - start: The earlier reading.
  ///   - end: The later one.
  ///   - ownSeconds: CPU time that this process and its children took between them.
  init?(from start: CPUTimes, to end: CPUTimes, ownSeconds: Double) {
    guard end.total > start.total, end.busy >= start.busy, end.steal >= start.steal else {
      return nil
    }
    let total = Double(end.total - start.total)
    // What the machine did and we did not: our own load, on however many threads, is no noise.
    let others = Double(end.busy - start.busy) - ownSeconds * CPUTimes.ticksPerSecond
    self.init(
      othersPercent: min(100, max(0, 100 * others / total)),
      stealPercent: 100 * Double(end.steal - start.steal) / total, runQueue: nil)
  }
}
