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

  /// Names a place.
  package init(host: String, machine: String, cpus: String) {
    (self.host, self.machine, self.cpus) = (host, machine, cpus)
  }

  /// Reads what `text` writes.
  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    self.init(
      host: lines.first ?? "", machine: lines.count > 1 ? lines[1] : "",
      cpus: lines.count > 2 ? lines[2] : "")
  }

  /// One line each, for other ranks.
  var text: String { [host, machine, cpus].joined(separator: "\n") }

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
    return RankPlace(host: host, machine: boot.isEmpty ? host : boot, cpus: cpus)
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

  /// `3 ranks on 1 machine`.
  package var sentence: String {
    let ranks = all.count == 1 ? "1 rank" : "\(all.count) ranks"
    return "\(ranks) on \(machines == 1 ? "1 machine" : "\(machines) machines")"
  }
}
