import CShims
import Foundation

/// Reads what the kernel says of this machine: the processor, its caches, and how much of it this
/// process may use.
package enum MachineReader {
  /// Where the pseudo file systems are; a test points it at a folder of its own.
  package struct Roots: Sendable {
    package var proc: String
    package var sys: String
    package init(proc: String = "/proc", sys: String = "/sys") {
      (self.proc, self.sys) = (proc, sys)
    }
  }

  /// The machine as the record keeps it.
  package static func machine(roots: Roots = Roots()) -> Context.Machine {
    let cpuinfo = KernelFile.text(roots.proc + "/cpuinfo") ?? ""
    let fields = KernelFile.fields(ofFirstBlock: cpuinfo)
    let cores = cpuinfo.split(separator: "\n").count { $0.hasPrefix("processor") }
    let flags = (fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init)
    return Context.Machine(
      cpu: fields["model name"] ?? fields["CPU part"] ?? "unknown",
      family: fields["cpu family"].flatMap { Int($0) },
      model: fields["model"].flatMap { Int($0) },
      stepping: fields["stepping"].flatMap { Int($0) },
      architecture: architecture, flags: flags.sorted(), caches: caches(sys: roots.sys),
      cores: max(cores, 1), affinity: max(1, Int(costcurve_affinity_count())),
      quota: CgroupQuota.cpus(proc: roots.proc, sys: roots.sys),
      hypervisor: hypervisor(sys: roots.sys, flags: flags),
      governor: KernelFile.text(roots.sys + "/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      memoryBytes: KernelFile.bytes(of: "MemTotal", in: roots.proc + "/meminfo") ?? 0)
  }

  /// Threads that can run at once: the affinity mask, or the container's quota where that is less.
  package static let availableThreads: Int = {
    let affinity = max(1, Int(costcurve_affinity_count()))
    guard let quota = CgroupQuota.cpus() else { return affinity }
    return max(1, min(affinity, Int(quota.rounded(.up))))
  }()

  /// The release of the running kernel.
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
        sharedBy: KernelFile.listCount(read("shared_cpu_list") ?? "0"))
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

  /// The bytes of a line such as `MemTotal: 2048 kB`; nil where the file has none.
  static func bytes(of key: String, in path: String) -> Int? {
    let line = text(path)?.split(separator: "\n").first { $0.hasPrefix(key + ":") }
    return line?.split { $0 == " " || $0 == "\t" }.compactMap { Int($0) }.first.map { $0 * 1024 }
  }

  /// A size such as `32K` or `8M`, in bytes.
  static func bytes(_ text: String) -> Int? {
    guard let last = text.last else { return nil }
    let scale = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30][String(last)]
    return scale == nil ? Int(text) : Int(text.dropLast()).map { $0 * (scale ?? 1) }
  }

  /// How many numbers a list such as `0-3,8` names.
  static func listCount(_ text: String) -> Int {
    text.split(separator: ",").reduce(0) { sum, part in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      return sum + (ends.count == 2 ? ends[1] - ends[0] + 1 : ends.count)
    }
  }
}
