import ArgumentParser
import Basics
import Foundation
import Harness
import Workloads

/// How thoroughly to measure.
struct MeasureOptions: ParsableArguments {
  @Flag(help: "One process per case: minutes for everything, with provisional intervals.")
  var quick = false

  @Flag(help: "Ten processes per case: about half an hour for everything on two cores.")
  var rigorous = false

  @Option(help: "Time for each case over all processes, such as 5s or 500ms.")
  var duration: String?

  @Option(help: "Fresh processes for each case.")
  var processes: Int?

  @Option(help: "Seed of weights, inputs and the order of cases.")
  var seed: UInt64 = 1

  @Option(
    name: .customLong("wait-for-quiet"),
    help: "Before each case, wait up to this long, such as 10m, until the machine is quiet.")
  var waitForQuiet: String?

  @OptionGroup var saving: SaveOptions

  /// Where the result is recorded, unless `noSave`.
  var history: HistoryOptions { saving.history }
  var noSave: Bool { saving.noSave }

  func validate() throws {
    if quick && rigorous {
      throw ValidationError("--quick and --rigorous exclude each other; give one of them.")
    }
    try (1...1000).check("--processes", processes)
    _ = try durationSeconds()
    _ = try quietWait()
  }

  /// The preset that the flags name, with their changes to it.
  func preset() throws -> Preset {
    var preset: Preset = quick ? .quick : rigorous ? .rigorous : .standard
    if let seconds = try durationSeconds() { preset = preset.withDuration(seconds) }
    if let processes { preset = preset.withProcesses(processes) }
    return preset
  }

  /// What `--duration` says, in seconds.
  func durationSeconds() throws -> Double? { try Self.seconds("--duration", duration) }

  /// What `--wait-for-quiet` asks for; nil without it.
  func quietWait() throws -> QuietWait? {
    try Self.seconds("--wait-for-quiet", waitForQuiet).map { QuietWait(seconds: $0) }
  }

  private static func seconds(_ option: String, _ duration: String?) throws -> Double? {
    guard let duration else { return nil }
    let seconds: Double
    do {
      seconds = try Units.parseDuration(duration)
    } catch {
      throw ValidationError("\(option): \(error)")
    }
    guard seconds > 0, seconds <= 86_400 else {
      throw ValidationError("\(option) needs a time above 0 and up to a day, not '\(duration)'.")
    }
    return seconds
  }
}

/// Which of the cases to take.
struct FilterOptions: ParsableArguments {
  @Option(help: "Only cases whose id matches this regular expression.")
  var filter: String?

  @OptionGroup var listing: ListOptions

  /// Whether the cases' ids are printed and nothing is measured.
  var list: Bool { listing.list }

  /// The requests that the expression matches.
  ///
  /// - Throws: Usage for a malformed expression; exit 3 when nothing matches, since a gate that
  ///   measured nothing must not look green.
  func apply(_ requests: [CaseRequest]) throws -> [CaseRequest] {
    guard let filter else { return requests }
    let expression: Regex<AnyRegexOutput>
    do {
      expression = try Regex(filter)
    } catch {
      throw Problem(.usage, "--filter '\(filter)' is not a regular expression: \(error)")
    }
    let matching = requests.filter { $0.id.contains(expression) }
    guard !matching.isEmpty else {
      throw Problem(
        .caseFailed,
        "--filter '\(filter)' matches none of \(Units.count(requests.count, "case")); see --list.")
    }
    return matching
  }
}
