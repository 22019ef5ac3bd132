import Foundation

/// The container's limit on CPU time, by control groups of version 2 or 1.
package enum CgroupQuota {
  /// CPUs' worth of time that this process may use, or nil where nothing limits it.
  ///
  /// The least limit from the process's own group up to the root counts.
  package static func cpus(proc: String = "/proc", sys: String = "/sys") -> Double? {
    let groups = KernelFile.text(proc + "/self/cgroup") ?? ""
    var limits: [Double] = []
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let path = String(parts[2])
      if parts[1].isEmpty {
        for root in ["/fs/cgroup", "/fs/cgroup/unified"] {
          limits += ancestors(of: path).compactMap { version2(sys + root + $0 + "/cpu.max") }
        }
      } else if parts[1].split(separator: ",").contains("cpu") {
        for controller in ["cpu", "cpu,cpuacct", String(parts[1])] {
          limits += ancestors(of: path).compactMap {
            version1(sys + "/fs/cgroup/\(controller)" + $0)
          }
        }
      }
    }
    return limits.min()
  }

  /// `/a/b` gives `/a/b`, `/a` and the root, as suffixes to put behind a mount point.
  private static func ancestors(of path: String) -> [String] {
    var parts = path.split(separator: "/").map(String.init)
    var found: [String] = []
    while !parts.isEmpty {
      found.append("/" + parts.joined(separator: "/"))
      parts.removeLast()
    }
    return found + [""]
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
