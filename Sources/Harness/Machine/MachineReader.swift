import CShims
import Foundation

/// Reads what the kernel says of this machine: the processor, its caches, and how much of it this
/// process may use.
package enum MachineReader {
  /// The machine as the record keeps it, from the pseudo file systems at `proc` and `sys`.
  package static func machine(proc: String = "/proc", sys: String = "/sys") -> Context.Machine {
    let cpuinfo = KernelFile.text(proc + "/cpuinfo") ?? ""
    let fields = KernelFile.fields(ofFirstBlock: cpuinfo)
    let cores = cpuinfo.split(separator: "\n").count { $0.hasPrefix("processor") }
    let flags = (fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init)
    return Context.Machine(
      cpu: fields["model name"] ?? fields["CPU part"] ?? "unknown",
      family: fields["cpu family"].flatMap { Int($0) },
      model: fields["model"].flatMap { Int($0) },
      stepping: fields["stepping"].flatMap { Int($0) },
      architecture: architecture, flags: flags.sorted(), caches: caches(sys: sys),
      cores: max(cores, 1), affinity: max(1, Int(costcurve_affinity_count())),
      quota: CgroupQuota.cpus(proc: proc, sys: sys),
      hypervisor: hypervisor(sys: sys, flags: flags),
      governor: KernelFile.text(sys + "/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      memoryBytes: KernelFile.bytes(of: "MemTotal", in: proc + "/meminfo") ?? 0)
  }

  /// Threads that can run at once: the affinity mask, or the container's quota where that is less.
  package static let availableThreads = Context.Machine.usable(
    Int(costcurve_affinity_count()), quota: CgroupQuota.cpus())

  /// The peak resident size of this process in bytes; nil where /proc does not tell.
  package static func peakMemoryBytes() -> Int? {
    KernelFile.bytes(of: "VmHWM", in: "/proc/self/status")
  }

  package static func kernelRelease(proc: String = "/proc") -> String {
    KernelFile.text(proc + "/sys/kernel/osrelease") ?? "unknown"
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "unknown"
    #endif
  }

  private static func caches(sys: String) -> [Context.Cache] {
    let folder = sys + "/devices/system/cpu/cpu0/cache"
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
      .filter { $0.hasPrefix("index") }.sorted()
    return names.compactMap { name in
      let read: (String) -> String? = { KernelFile.text("\(folder)/\(name)/\($0)") }
      guard let level = read("level").flatMap(Int.init), let size = read("size"),
        let bytes = KernelFile.bytes(size)
      else { return nil }
      return Context.Cache(
        level: level, type: (read("type") ?? "unknown").lowercased(), bytes: bytes,
        sharedBy: KernelFile.numbers(read("shared_cpu_list") ?? "0").count)
    }
  }

  private static func hypervisor(sys: String, flags: [String]) -> String? {
    if let type = KernelFile.text(sys + "/hypervisor/type") { return type }
    guard flags.contains("hypervisor") else { return nil }
    return KernelFile.text(sys + "/class/dmi/id/sys_vendor") ?? "unnamed"
  }
}

/// Small pseudo files of /proc and /sys, and the notations that they use.
enum KernelFile {
  /// The file's text without surrounding blanks; nil where it is missing or empty.
  static func text(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }

  /// `key : value` lines up to the first empty one.
  static func fields(ofFirstBlock text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[parts[0].trimmingCharacters(in: .whitespaces)] =
        parts[1].trimmingCharacters(in: .whitespaces)
    }
    return fields
  }

  /// What a file has behind `key` at the start of a line; nil where no line begins so.
  static func line(_ key: String, in path: String) -> Substring? {
    text(path)?.split(separator: "\n").first { $0.hasPrefix(key) }?.dropFirst(key.count)
  }

  /// The bytes of a line such as `MemTotal: 2048 kB`; nil where the file has none.
  static func bytes(of key: String, in path: String) -> Int? {
    line(key + ":", in: path)?.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) }.first
      .map { $0 * 1024 }
  }

  /// A size such as `32K` or `8M`, in bytes.
  static func bytes(_ text: String) -> Int? {
    guard let last = text.last else { return nil }
    let scale = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30][String(last)]
    return scale == nil ? Int(text) : Int(text.dropLast()).map { $0 * (scale ?? 1) }
  }

  /// The numbers that a list such as `0-3,8` names.
  static func numbers(_ list: some StringProtocol) -> [Int] {
    list.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }
}
