import ArgumentParser
import Basics
import Formats
import Foundation
import Harness
import Programs
import Ranks

extension RankReduction.Overlap: ExpressibleByArgument {}
extension RankReduction.Algorithm: ExpressibleByArgument {}

/// The ranks of a job that MPI has started, or the shards that one process takes in turn.
struct RankOptions: ParsableArguments {
  @Option(
    help: """
      Share each step among this many processes, started by 'mpirun -np N'; --batch-size is then \
      the number of images per process.
      """)
  var ranks: Int?

  @Option(
    help: """
      With --dataset: divide each step into this many shards and compute them in turn in this \
      process, with the same resulting weights as with that many ranks.
      """)
  var shards: Int?

  @Option(help: "How long a rank waits for another before all are ended, such as 30s or 10m.")
  var stall = "5m"

  @Option(
    help: """
      How gradient sums overlap with the backward pass: tested (progress is tested after each \
      layer), posted (never tested) or none.
      """)
  var overlap = RankReduction.Overlap.tested

  @Option(
    name: .customLong("bucket-mib"),
    help: "Size of the gradient buckets that are summed, in MiB; smaller ones start earlier.")
  var bucketMiB = 4.0

  @Option(
    name: .customLong("all-reduce"),
    help: """
      How gradients are added: by our own ring, with the same bits for every MPI, or by the MPI \
      library.
      """)
  var allReduce = RankReduction.Algorithm.ring

  @OptionGroup var records: RankRecordOptions

  func validate() throws {
    try (1...4096).check("--ranks", ranks)
    try (1...4096).check("--shards", shards)
    try (0.25...4096).check("--bucket-mib", bucketMiB)
    _ = try stallSeconds()
    guard ranks == nil || shards == nil else {
      throw ValidationError("--ranks and --shards both cut a step into parts; give one of them.")
    }
    guard records.rankRecords == nil || (ranks ?? 1) > 1 else {
      throw ValidationError("--rank-records needs --ranks: a single process has one record.")
    }
  }

  private func stallSeconds() throws -> Double {
    let seconds: Double
    do {
      seconds = try Units.parseDuration(stall)
    } catch {
      throw ValidationError("--stall: \(error)")
    }
    guard seconds >= 1, seconds <= 86_400 else {
      throw ValidationError("--stall needs a time from 1s to a day, not '\(stall)'.")
    }
    return seconds
  }

  /// How gradients are summed.
  var settings: RankReduction.Settings {
    var settings = RankReduction.Settings()
    settings.bucketBytes = Int(bucketMiB * 1_048_576)
    (settings.overlap, settings.algorithm) = (overlap, allReduce)
    return settings
  }

  /// The job that this process is a part of; nil for one process alone.
  ///
  /// - Throws: Usage where a launcher started several processes, or does not say how many, and
  ///   `--ranks` is not given, or says another number; exit 5 where the MPI that it takes is not there.
  func join() throws(Problem) -> RankGroup? {
    let environment = ProcessInfo.processInfo.environment
    let launcher = Launcher.of(environment)
    do throws(Problem) {
      return try join(launcher, environment)
    } catch {
      guard let rank = launcher?.rank, rank > 0 else { throw error }
      // The first has the time to say it; a launcher that then ends all of them leaves it at that.
      Thread.sleep(forTimeInterval: 1)
      // Every process comes to the same words, but not to the same machine.
      guard error.kind != .usage else { throw Problem(.usage) }
      throw Problem(
        error.kind, "rank \(rank) on \(ProcessInfo.processInfo.hostName): \(error)")
    }
  }

  private func join(
    _ launcher: Launcher?, _ environment: [String: String]
  ) throws(Problem) -> RankGroup? {
    guard let ranks, ranks > 1 else {
      if let launcher, launcher.count == nil, self.ranks == nil {
        throw Problem(
          .usage,
          "\(launcher.name) started this process and does not say beside how many; give --ranks "
            + "with their number, 1 for a process alone.")
      }
      if let launcher, let started = launcher.count, started > 1 {
        throw Problem(
          .usage,
          "\(launcher.name) started \(started) processes, each of which would do the whole work; "
            + "give --ranks \(started), or leave out the launcher.")
      }
      return nil
    }
    let seconds: Double
    do {
      seconds = try stallSeconds()
    } catch { throw Problem(.usage, "\(error)") }
    return try RankGroup.join(count: ranks, stallSeconds: seconds, environment: environment)
  }

  /// What a repeated command gives beside the options of a step.
  var repeated: String {
    var line = ""
    if overlap != .tested { line += " --overlap \(overlap.rawValue)" }
    if allReduce != .ring { line += " --all-reduce \(allReduce.rawValue)" }
    if bucketMiB != 4 { line += " --bucket-mib \(Units.number(bucketMiB))" }
    return line
  }
}

/// Where each rank leaves a record of its own.
struct RankRecordOptions: Presentation {
  @Option(
    name: .customLong("rank-records"),
    help: "Folder where each rank, on its own machine, writes rank-R.json.",
    completion: .directory)
  var rankRecords: String?

  /// The file of a rank; nil where none is wanted.
  func file(of rank: Int) -> String? { rankRecords.map { "\($0)/rank-\(rank).json" } }

  /// Makes the folder, and refuses one that cannot be written, before anything is measured.
  func prepare(rank: Int) throws {
    guard let rankRecords, let file = file(of: rank) else { return }
    try Folder.make(rankRecords, hint: "; choose another --rank-records")
    try AtomicFile.refuseUnwritable(file)
  }
}
