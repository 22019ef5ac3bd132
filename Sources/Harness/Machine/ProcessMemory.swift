import Foundation

/// What this process has held in memory.
package enum ProcessMemory {
  /// The peak resident size (`VmHWM`) in bytes, or nil where /proc does not tell.
  package static func peakBytes() -> Int? { statusKiB("VmHWM:").map { $0 * 1024 } }

  /// The resident size now (`VmRSS`) in bytes, or nil where /proc does not tell.
  package static func residentBytes() -> Int? { statusKiB("VmRSS:").map { $0 * 1024 } }

  private static func statusKiB(_ key: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      return line.split(separator: " ", omittingEmptySubsequences: true)
        .compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }.first
    }
    return nil
  }
}
