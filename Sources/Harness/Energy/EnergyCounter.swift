import Foundation

/// A counter of energy in the kernel's power capping framework, which begins anew at its range.
struct EnergyCounter: Hashable, Sendable {
  /// As the kernel calls it: `package-0`, or `package-0-die-1`.
  let name: String
  /// Of its `energy_uj`.
  let path: String
  /// The highest count, in microjoules, above 0.
  let range: UInt64

  /// Microjoules so far, at most `range`.
  func reading() -> Result<UInt64, EnergyFault> {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return .failure(EnergyFault(errno: errno, of: self)) }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = read(file, &bytes, bytes.count)
    guard count >= 0 else { return .failure(EnergyFault(errno: errno, of: self)) }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    guard let value = UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      return .failure(EnergyFault("energy_uj of \(name) holds no number"))
    }
    guard value <= range else {
      return .failure(EnergyFault("energy_uj of \(name) is above its own range"))
    }
    return .success(value)
  }

  /// Microjoules from one reading to a later one, between which it began anew at most once.
  func distance(from earlier: UInt64, to later: UInt64) -> UInt64 {
    later >= earlier ? later - earlier : range - earlier + later
  }

  /// The socket of a die, `package-0` of `package-0-die-1`; nil where a socket has one counter.
  var socket: String? { name.range(of: "-die-").map { String(name[..<$0.lowerBound]) } }
}

/// Why energy cannot be measured.
struct EnergyFault: Error, Hashable {
  /// A clause.
  let reason: String

  init(_ reason: String) { self.reason = reason }

  /// What the kernel answered when a counter was read.
  init(errno code: Int32, of counter: EnergyCounter) {
    if code == EACCES || code == EPERM {
      reason =
        "only root may read energy_uj of \(counter.name) (CVE-2020-8694); 'sudo chmod a+r "
        + "\(counter.path)' lets everyone, or run as root"
    } else {
      reason = "energy_uj of \(counter.name): \(String(cString: strerror(code)))"
    }
  }
}
