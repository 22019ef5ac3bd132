import Foundation
import Testing

/// `mpirun`, where Open MPI is installed.
enum MPILauncher {
  /// Where it lies; nil where there is none, or another MPI's.
  static let openMPI: String? = CommandProcess.path(of: "mpirun").flatMap { path in
    let version = try? CommandProcess(["--version"], of: path, environment: environment).output
    return version?.contains("Open MPI") == true ? path : nil
  }

  /// Says what a test that is skipped would need.
  static let absence: Comment = "needs Open MPI's mpirun: apt-get install openmpi-bin"

  /// CPUs that the tests may run on.
  static let cpus = ProcessInfo.processInfo.activeProcessorCount

  /// Lets ranks be started by root and be more than CPUs, on a machine without ssh.
  static let environment = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_plm_rsh_agent": "/bin/false", "PRTE_MCA_plm_ssh_agent": "/bin/false",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
  ]

  /// Starts ranks of the binary that was built beside the tests.
  ///
  /// - Parameters:
  ///   - ranks: How many.
  ///   - arguments: Of each, without `--ranks`.
  ///   - said: What that says; as many as there are unless given.
  /// - Returns: The job, under way.
  /// - Throws: What starting a process throws.
  static func start(
    _ ranks: Int, _ arguments: [String], saying said: Int? = nil
  ) throws -> CommandProcess.Running {
    let options = ["-np", "\(ranks)", "--bind-to", "none", try CommandProcess.binary().path]
    return try CommandProcess.Running(
      options + arguments + ["--ranks", "\(said ?? ranks)"], of: openMPI, environment: environment)
  }

  /// Starts ranks that differ.
  ///
  /// - Parameter each: Of each rank what starts the binary, such as a program that binds it to a
  ///   CPU, and the arguments, without `--ranks`.
  /// - Returns: The job, under way.
  /// - Throws: What starting a process throws.
  static func start(
    each: [(before: [String], arguments: [String])]
  ) throws -> CommandProcess.Running {
    let binary = try CommandProcess.binary().path
    let commands = each.map { rank in
      ["-np", "1"] + rank.before + [binary] + rank.arguments + ["--ranks", "\(each.count)"]
    }
    return try CommandProcess.Running(
      ["--bind-to", "none"] + commands.joined(separator: [":"]), of: openMPI,
      environment: environment)
  }

  /// Processes of the binary that have a word among their arguments, by their rank.
  static func processes(with word: String) -> [Int: pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    var found: [Int: pid_t] = [:]
    for pid in names.compactMap({ pid_t($0) }) {
      func words(_ file: String) -> [String] {
        FileManager.default.contents(atPath: "/proc/\(pid)/\(file)")
          .map { String(decoding: $0, as: UTF8.self).split(separator: "\0").map(String.init) } ?? []
      }
      let line = words("cmdline")
      guard line.contains(word), line.first?.hasSuffix("costcurve") == true else { continue }
      let rank = "OMPI_COMM_WORLD_RANK="
      if let own = words("environ").first(where: { $0.hasPrefix(rank) }) {
        found[Int(own.dropFirst(rank.count)) ?? -1] = pid
      }
    }
    return found
  }
}
