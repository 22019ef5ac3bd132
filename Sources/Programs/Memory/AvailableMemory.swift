import Basics
import Foundation

/// How much memory this process may still take: the least that machine, container and shell allow.
package enum AvailableMemory {
  /// Bytes that can be allocated without swapping or being killed; nil where nothing says.
  package static func bytes() -> Int? {
    [
      text("/proc/meminfo").flatMap(machineBytes), containerBytes(), addressSpaceBytes(),
    ].compactMap(\.self).min()
  }

  /// What the kernel believes can be had: `MemAvailable`, in bytes.
  ///
  /// - Parameter meminfo: The text of `/proc/meminfo`.
  /// - Returns: nil for a text without that line.
  package static func machineBytes(_ meminfo: String) -> Int? {
    for line in meminfo.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
    return nil
  }

  /// A limit less what is used, page cache not counted as used.
  ///
  /// - Parameters:
  ///   - limit: The text of `memory.max` or `memory.limit_in_bytes`; `max` is no limit.
  ///   - usage: The text of `memory.current` or `memory.usage_in_bytes`.
  ///   - statistics: The text of `memory.stat`.
  /// - Returns: nil where there is no limit.
  package static func containerBytes(limit: String, usage: String, statistics: String) -> Int? {
    var limit = Int(limit.trimmed) ?? .max
    var cache = 0
    for line in statistics.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "inactive_file" || words[0] == "total_inactive_file" {
        cache = max(cache, Int(words[1]) ?? 0)
      }
      // Version 1 tells the least limit of the groups above, which may not be visible.
      if words.count == 2, words[0] == "hierarchical_memory_limit" {
        limit = min(limit, Int(words[1]) ?? .max)
      }
    }
    guard limit < 1 << 60 else { return nil }
    return max(0, limit - max(0, (Int(usage.trimmed) ?? 0) - cache))
  }

  /// The least that the control groups of this process leave, its own and all above it.
  ///
  /// - Parameters:
  ///   - proc: Where the process file system is.
  ///   - sys: Where the folders of the control groups are, versions 2 and 1.
  /// - Returns: nil where no group has a limit.
  package static func containerBytes(proc: String = "/proc", sys: String = "/sys") -> Int? {
    ControlGroups.folders(of: "memory", proc: proc, sys: sys).compactMap { folder -> Int? in
      let names = [
        ("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"),
      ]
      for (limit, usage) in names {
        guard let limit = text("\(folder)/\(limit)") else { continue }
        return containerBytes(
          limit: limit, usage: text("\(folder)/\(usage)") ?? "0",
          statistics: text("\(folder)/memory.stat") ?? "")
      }
      return nil
    }.min()
  }

  /// What `ulimit -v` leaves.
  private static func addressSpaceBytes() -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < 1 << 60
    else { return nil }
    let pages = text("/proc/self/statm")?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    return max(0, Int(limit.rlim_cur) - pages * Int(sysconf(Int32(_SC_PAGESIZE))))
  }

  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
