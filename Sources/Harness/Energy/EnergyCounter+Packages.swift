import Foundation

extension EnergyCounter {
  /// The counters of the CPU packages, by their number.
  ///
  /// Only top-level zones of the control type `intel-rapl`, which AMD's CPUs have too: zones within
  /// are parts of a package, `psys` contains the packages, and `intel-rapl-mmio` shows the same
  /// package once more. Memory is read nowhere.
  ///
  /// - Parameters:
  ///   - sys: `/sys`, or a folder made to look like it.
  ///   - hypervisor: Under which this is a guest; nil where there is none.
  /// - Returns: At least one counter, or why there is none.
  static func packages(
    sys: String, hypervisor: String?
  ) -> Result<[EnergyCounter], EnergyFault> {
    let folder = sys + "/class/powercap"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted()
    let prefix = "intel-rapl:"
    let zones = (names ?? []).compactMap { name in
      name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil
    }.sorted()
    var counters: [EnergyCounter] = []
    for zone in zones {
      let path = "\(folder)/\(prefix)\(zone)"
      guard let name = KernelFile.text(path + "/name"), name.hasPrefix("package") else { continue }
      let range = KernelFile.text(path + "/max_energy_range_uj").flatMap(UInt64.init)
      guard let range, range > 0 else {
        return .failure(
          EnergyFault(
            "max_energy_range_uj of \(name) is no number above 0, so that a counter that begins "
              + "anew would not be seen"))
      }
      counters.append(EnergyCounter(name: name, path: path + "/energy_uj", range: range))
    }
    if !counters.isEmpty { return .success(counters) }
    // A guest has no such registers, whatever its kernel shows.
    if hypervisor != nil { return .failure(EnergyFault("no RAPL in this guest")) }
    guard let names else {
      return .failure(
        EnergyFault("there is no \(folder): the kernel has none, or a container hides it"))
    }
    return .failure(
      EnergyFault(
        names.isEmpty
          ? "\(folder) is empty: no RAPL driver is loaded"
          : "no CPU package can be read among \(names.joined(separator: ", ")) in \(folder)"))
  }
}
