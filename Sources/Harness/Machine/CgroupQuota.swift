import Basics

/// The container's limit on CPU time, by control groups of version 2 or 1.
package enum CgroupQuota {
  /// CPUs' worth of time that this process may use, or nil where nothing limits it.
  ///
  /// The least limit from the process's own group up to the root counts.
  package static func cpus(proc: String = "/proc", sys: String = "/sys") -> Double? {
    ControlGroups.folders(of: "cpu", proc: proc, sys: sys).compactMap {
      version2($0 + "/cpu.max") ?? version1($0)
    }.min()
  }

  /// `max 100000` or `150000 100000`: microseconds of CPU time per period.
  private static func version2(_ path: String) -> Double? {
    let words = (KernelFile.text(path) ?? "").split(separator: " ")
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0
    else { return nil }
    return quota / period
  }

  private static func version1(_ folder: String) -> Double? {
    guard let quota = KernelFile.text(folder + "/cpu.cfs_quota_us").flatMap(Double.init), quota > 0,
      let period = KernelFile.text(folder + "/cpu.cfs_period_us").flatMap(Double.init), period > 0
    else { return nil }
    return quota / period
  }
}
