import Basics
import Foundation
import Harness

/// Runs of `costcurve train` by one rank and by several, in turns.
struct ScalingRuns {
  /// What the turns of one point have given.
  struct Result {
    /// Nanoseconds of the steps of each turn.
    var processes: [[Double]] = []
    /// Of the last turn; nil for one rank.
    var allReduce: CaseRecord.AllReduce?
    /// Share of a step that each phase takes, in percent, in the last turn.
    var phasePercent: [String: Double] = [:]
    /// What the step's training leads to; nil where it leads nowhere.
    var target: TrainingTarget?
  }

  private(set) var results: [ScalingPlan.Point: Result] = [:]
  private let launcher: [String]
  private let rounds: Int
  private let note: (String) -> Void
  private let step: [String]
  private let binary: String

  /// Finds the launcher.
  ///
  /// - Parameters:
  ///   - launcher: A program and its options, with blanks between.
  ///   - rounds: Turns of each point.
  ///   - note: Told what is measured.
  ///   - step: The words of a rank's command but for `--batch-size`, `--threads` and `--ranks`.
  /// - Throws: `absent` for a launcher that is not on the PATH.
  init(
    launcher: String, rounds: Int, note: @escaping (String) -> Void, step: [String]
  ) throws(Problem) {
    var words = launcher.split(separator: " ").map(String.init)
    guard let path = Self.path(of: words[0]) else {
      throw Problem(
        .absent,
        "there is no '\(words[0])' to start ranks with; install the package openmpi-bin, or name "
          + "another with --launcher.")
    }
    words[0] = path
    (self.launcher, self.rounds, self.note, self.step) = (words, rounds, note, step)
    // Ranks on other machines find it by its path, and not as this process.
    binary =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  /// Measures every point as often as there are rounds, in an order drawn anew for each.
  ///
  /// - Parameters:
  ///   - plan: The points.
  ///   - seed: Of the orders.
  /// - Throws: `caseFailed` for a run that ends with an error; 130.
  mutating func measure(_ plan: ScalingPlan, seed: UInt64) throws {
    var order = SplitMix64(seed: seed)
    let cancel = Interrupt.cancelFlag()
    for round in 1...rounds {
      for point in plan.points.shuffled(using: &order) {
        note(
          "costcurve: round \(round) of \(rounds): \(Units.count(point.ranks, "rank")), batch "
            + "\(point.batch) and \(Units.count(point.threads, "thread")) each")
        let record = try record(of: point, cancel)
        try take(record, for: point)
      }
    }
  }

  private mutating func take(_ record: ResultRecord, for point: ScalingPlan.Point) throws {
    guard let item = record.cases.first, let samples = item.processes.first?.samplesNs,
      !samples.isEmpty, item.validity.ok
    else {
      let reasons = record.cases.flatMap(\.validity.reasons).joined(separator: "; ")
      throw Problem(
        .caseFailed, "\(Units.count(point.ranks, "rank")) gave no step: \(reasons).")
    }
    results[point, default: Result()].processes.append(samples)
    results[point]?.allReduce = item.derived.allReduce
    results[point]?.phasePercent = item.derived.phasePercent ?? [:]
    results[point]?.target = item.derived.trainingTarget
  }

  private func record(of point: ScalingPlan.Point, _ cancel: CancelFlag) throws -> ResultRecord {
    // Said of one, too: this process may itself be a launcher's that does not say how many.
    let count = "\(point.ranks)"
    let own =
      step + ["--batch-size", "\(point.batch)", "--threads", "\(point.threads)", "--ranks", count]
    let launch =
      point.ranks == 1
      ? WorkerLaunch(executable: binary, arguments: own)
      : WorkerLaunch(
        executable: launcher[0],
        arguments: Array(launcher.dropFirst()) + ["-np", count, binary] + own)
    var lines: [String] = []
    let hasEndedWell = try RelayedProgram.run(launch, cancel: cancel) { lines.append($0) }
    guard hasEndedWell else {
      let line = ([launch.executable] + launch.arguments).map(ShellWords.quoted)
        .joined(separator: " ")
      throw Problem(
        .caseFailed,
        "\(Units.count(point.ranks, "rank")) ended with an error; see what '\(line)' says.")
    }
    do {
      return try ResultRecord.decoder().decode(
        ResultRecord.self, from: Data(lines.joined(separator: "\n").utf8))
    } catch {
      throw Problem(
        .malformed,
        "\(Units.count(point.ranks, "rank")) left something else than one record; see that the "
          + "launcher writes nothing to standard output.")
    }
  }

  /// Where a program lies; nil where it is nowhere.
  private static func path(of program: String) -> String? {
    if program.contains("/") {
      return FileManager.default.isExecutableFile(atPath: program) ? program : nil
    }
    return (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
