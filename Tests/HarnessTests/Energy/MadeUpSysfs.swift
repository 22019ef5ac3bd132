import Foundation
import Harness
import TestSupport

/// A folder made to look like `/sys`, with counters of energy, and a clock that a test moves.
final class MadeUpSysfs {
  /// What Intel's counters hold: 2³² units of 61 µJ.
  static let range: UInt64 = 262_143_328_850

  private let folder: TemporaryDirectory
  private var ns: UInt64 = 1_000_000_000

  /// Makes an empty folder of power capping, if wanted.
  init(hasPowercap: Bool = true) throws {
    folder = try TemporaryDirectory()
    guard hasPowercap else { return }
    try FileManager.default.createDirectory(
      atPath: folder.path("class/powercap"), withIntermediateDirectories: true)
  }

  var root: String { folder.root }

  /// The file of a zone's counter.
  func counter(_ zone: String) -> String { folder.path("class/powercap/\(zone)/energy_uj") }

  /// Adds a zone as the kernel shows it.
  func add(
    _ zone: String, _ name: String, range: String = "\(MadeUpSysfs.range)", count: String = "0"
  ) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("class/powercap/\(zone)"), withIntermediateDirectories: true)
    for (file, text) in [
      ("name", name), ("max_energy_range_uj", range), ("energy_uj", count),
    ] {
      _ = try folder.file("class/powercap/\(zone)/\(file)", Data((text + "\n").utf8))
    }
  }

  /// Lets a counter stand at so many joules, which it began anew to reach where that is beyond its
  /// range.
  func stand(_ zone: String, atJoules joules: Int) throws {
    let count = UInt64(joules) * 1_000_000 % Self.range
    _ = try folder.file("class/powercap/\(zone)/energy_uj", Data("\(count)\n".utf8))
  }

  func pass(seconds: Int) { ns += UInt64(seconds) * 1_000_000_000 }

  /// A meter of this folder and of its clock, which ticks by itself `perReading` seconds each time
  /// that it is read.
  func meter(hypervisor: String? = nil, perReading: Int = 0) -> EnergyMeter {
    EnergyMeter(sys: root, hypervisor: hypervisor) {
      self.pass(seconds: perReading)
      return self.ns
    }
  }

  /// What a meter makes of some seconds in which nothing moves.
  func energy(seconds: Int = 1, hypervisor: String? = nil) -> Energy? {
    energy(seconds: seconds, hypervisor: hypervisor) {}
  }

  /// What a meter makes of some seconds in which counters are moved.
  func energy(
    seconds: Int = 1, hypervisor: String? = nil, _ move: () throws -> Void
  ) rethrows -> Energy? {
    let meter = meter(hypervisor: hypervisor)
    meter.begin()
    pass(seconds: seconds)
    try move()
    return meter.end().energy
  }
}

extension Energy? {
  /// Whether so many joules were measured, by these counters.
  func isMeasured(_ joules: Double, by domains: [String]) -> Bool {
    guard let found = self?.measured else { return false }
    return abs(found.joules - joules) < 1e-6 && found.domains == domains
  }

  /// Why nothing was measured; empty where something was, or nobody asked.
  var refusal: String { self?.refusal ?? "" }
}
