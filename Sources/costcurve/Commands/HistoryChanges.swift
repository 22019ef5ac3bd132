import ArgumentParser
import Harness
import Reporter

/// `costcurve history remove RUN…`.
struct RemoveHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove runs by their numbers.",
    discussion: "Example: costcurve history remove 12 13")

  @Argument(help: "Numbers of runs, as 'history list' shows them.")
  var numbers: [Int64]

  @OptionGroup var history: HistoryOptions

  func run() throws {
    let store = try history.existing()
    try store.remove(numbers)
    Console.error("Removed \(Units.count(numbers.count, "run")); \(try store.count()) remain.")
  }
}

/// `costcurve history prune`.
struct PruneHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune", abstract: "Remove old runs.",
    discussion: "Example: costcurve history prune --before 2026-01-01 --keep 100")

  @Option(help: "Only runs before this day, as YYYY-MM-DD.")
  var before: String?

  @Option(help: "Keep this many of the latest runs, whatever their date.")
  var keep: Int

  @OptionGroup var history: HistoryOptions

  func validate() throws {
    guard keep >= 0 else { throw ValidationError("--keep needs 0 or more, not \(keep).") }
    if let before, CalendarDay.parse(before) == nil {
      throw ValidationError("--before needs a day such as 2026-01-31, not '\(before)'.")
    }
  }

  func run() throws {
    let store = try history.existing()
    let removed = try store.prune(before: before, keep: keep)
    Console.error("Removed \(Units.count(removed, "run")); \(try store.count()) remain.")
  }
}

/// `costcurve history accept CASE`.
struct AcceptHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept",
    abstract: "Accept a case's present level as intended; trends start from here.",
    discussion: "Example: costcurve history accept gemm/1024x1024x1024/t1/native --note 'new tile'")

  @Argument(help: "Id of the case.")
  var caseID: String

  @Option(help: "Why it changed.")
  var note = ""

  @OptionGroup var history: HistoryOptions

  func run() throws {
    let store = try history.existing()
    let trend = try store.trend(of: caseID)
    let last = trend.points.dropLast().last?.date ?? ""
    try store.accept(caseID: caseID, machine: trend.machine, date: last, note: note)
    Console.error("The trend of \(caseID) on machine \(trend.machine) starts afresh.")
  }
}
