import CShims
import Foundation

/// Where a rank runs.
package struct RankPlace: Hashable, Sendable {
  /// The host's name, which containers and namespaces of one machine may have each for themselves.
  package var host: String
  /// What the kernel drew when the machine started: the same for all of one machine, whatever they
  /// are called.
  package var machine: String
  /// CPUs that the rank may run on, as the kernel lists them: `0-3,8`.
  package var cpus: String
  /// Its process id, and the namespace that the id is of: `4026531836/1234`; empty where not known.
  package var process: String

  /// Names a place.
  package init(host: String, machine: String, cpus: String, process: String = "") {
    (self.host, self.machine, self.cpus, self.process) = (host, machine, cpus, process)
  }

  /// Reads what `text` writes.
  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    self.init(
      host: lines.first ?? "", machine: lines.count > 1 ? lines[1] : "",
      cpus: lines.count > 2 ? lines[2] : "", process: lines.count > 3 ? lines[3] : "")
  }

  /// One line each, for other ranks.
  var text: String { [host, machine, cpus, process].joined(separator: "\n") }

  /// This process's.
  ///
  /// - Parameter proc: Where the kernel's files are.
  /// - Returns: As much as the kernel tells.
  static func here(proc: String = "/proc") -> RankPlace {
    func text(_ path: String) -> String {
      FileManager.default.contents(atPath: proc + path)
        .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
    let host = ProcessInfo.processInfo.hostName
    let boot = text("/sys/kernel/random/boot_id").trimmingCharacters(in: .whitespacesAndNewlines)
    let key = "Cpus_allowed_list:"
    let cpus =
      text("/self/status").split(separator: "\n").first { $0.hasPrefix(key) }
      .map { $0.dropFirst(key.count).trimmingCharacters(in: .whitespaces) } ?? ""
    // `pid:[4026531836]`
    let space = try? FileManager.default.destinationOfSymbolicLink(atPath: proc + "/self/ns/pid")
    let number = (space ?? "").filter(\.isNumber)
    return RankPlace(
      host: host, machine: boot.isEmpty ? host : boot, cpus: cpus,
      process: number.isEmpty ? "" : "\(number)/\(ProcessInfo.processInfo.processIdentifier)")
  }
}

/// Where the ranks of a job run.
package struct RankPlaces: Hashable, Sendable {
  /// One a rank.
  package let all: [RankPlace]

  /// Collects places.
  package init(_ all: [RankPlace]) { self.all = all }

  /// Machines that there are, whatever they are called.
  package var machines: Int { Set(all.map(\.machine)).count }

  /// Ranks of one machine, a rank itself among them.
  ///
  /// - Parameter rank: Which.
  /// - Returns: At least 1.
  package func onMachine(of rank: Int) -> Int {
    all.count { $0.machine == all[rank].machine }
  }

  /// Ranks that run on the same CPUs as a rank, itself among them.
  ///
  /// - Parameter rank: Which.
  /// - Returns: At least 1.
  package func sharing(_ rank: Int) -> Int {
    all.count { $0.machine == all[rank].machine && $0.cpus == all[rank].cpus }
  }

  /// Process ids of the other ranks of a rank's machine that it can see.
  ///
  /// - Parameter rank: Which.
  /// - Returns: None of those in other containers.
  package func processes(beside rank: Int) -> [Int] {
    let own = all[rank]
    let space = own.process.prefix { $0 != "/" }
    guard !space.isEmpty else { return [] }
    return all.enumerated().compactMap { index, other in
      guard index != rank, other.machine == own.machine, other.process.hasPrefix(space + "/")
      else { return nil }
      return Int(other.process.dropFirst(space.count + 1))
    }
  }

  /// `3 ranks on 1 machine`.
  package var sentence: String {
    let ranks = all.count == 1 ? "1 rank" : "\(all.count) ranks"
    return "\(ranks) on \(machines == 1 ? "1 machine" : "\(machines) machines")"
  }
}
