import ArgumentParser
import Basics
import Formats
import Foundation
import Harness
import History
import Reporter

/// `costcurve history`: the runs of this user, in SQLite.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "List, show, draw, export, import and remove the recorded runs.",
    discussion: "Example: costcurve history trend infer/resnet50/b1/t2/native",
    subcommands: [
      ListHistory.self, ShowHistory.self, TrendHistory.self, ExportHistory.self,
      ImportHistory.self, RemoveHistory.self, PruneHistory.self, AcceptHistory.self,
    ])
}

/// `costcurve history list`.
struct ListHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the latest runs.",
    discussion: "Example: costcurve history list --limit 50 --case infer/")

  @Option(help: "At most this many runs, the latest first; 20 unless given.")
  var limit: Int?

  @Option(name: .customLong("case"), help: "Only runs with a case whose id contains this text.")
  var matching: String?

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let store = try history.existing()
    let rows = try store.runs(limit: max(limit ?? 20, 0), matching: matching)
    let total = try store.count()
    let table = DataTable(
      id: "runs", caption: "\(rows.count) of \(Units.count(total, "run")), the latest first",
      columns: [
        .init("Run", isNumber: true), .init("Date"), .init("Command"),
        .init("Cases", isNumber: true), .init("Machine"), .init("Commit"),
        .init("Not in trends"),
      ],
      rows: rows.map { row in
        [
          .init(count: Int(row.id)), .init(row.date), .init(row.command),
          .init(count: row.cases), .init(row.machine),
          .init(row.commit.map { String($0.prefix(12)) } ?? "–"), .init(row.mark ?? ""),
        ]
      })
    let document = Document(
      title: "History", subtitle: store.path, sections: [.plain("Runs", table)])
    var output = output
    // So many were asked for, on a screen or not.
    if limit != nil { output.full = true }
    try output.emit(document, json: rows)
  }
}

/// `costcurve history show RUN`.
struct ShowHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run; the latest unless a number is given.",
    discussion: "Example: costcurve history show 12 --format markdown")

  @Argument(help: "Number of the run.")
  var number: Int64?

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.emit(Report(history.record(of: number)))
  }
}

/// `costcurve history trend CASE…`.
struct TrendHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trend",
    abstract: "Draw how cases moved over the runs of one machine, with the steps found.",
    discussion: """
      Runs of other machines or builds are left out and named, and so are interrupted, smoke and \
      single-process runs without --all; a step needs three runs on each side. \
      Example: costcurve history trend infer/resnet50/b1/t2/native --format html -o trend.html
      """)

  @Argument(help: "Ids of cases; those of the latest run unless given.")
  var cases: [String] = []

  @Option(help: "Key of the machine, as 'history list' shows it.")
  var machine: String?

  @Flag(help: "Include interrupted, smoke and single-process runs.")
  var all = false

  @Option(help: "At most this many runs of each case, the latest.")
  var limit = Trend.usualLimit

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit needs 1 or more, not \(limit).") }
  }

  func run() throws {
    let store = try history.existing()
    var ids = cases
    if ids.isEmpty, let latest = try store.latestRun() {
      ids = try store.record(of: latest).cases.filter { $0.statistics != nil }.map(\.id)
    }
    guard !ids.isEmpty else {
      throw Problem(.absent, "the history '\(store.path)' has no measured case yet.")
    }
    let trends = try ids.map {
      try store.trend(of: $0, machine: machine, limit: limit, includingMarked: all)
    }
    guard trends.contains(where: { !$0.points.isEmpty }) else {
      throw Problem(
        .absent,
        "of these cases there are only runs that no trend counts (interrupted, smoke or of a "
          + "single process); --all draws them too.")
    }
    try output.emit(
      Document(trends: trends), onScreen: Document(trendsOnScreen: trends),
      json: trends.map(TrendSummary.init), csv: Trend.csv(trends))
  }
}

extension ExportFormat: ExpressibleByArgument {}

/// `costcurve history export`.
struct ExportHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a run for another program to read.",
    discussion: """
      google-benchmark, bencher (BMF), github-action-benchmark, dawnbench, csv or json.
      Example: costcurve history export --to bencher -o bmf.json
      """)

  @Argument(help: "Number of the run; the latest unless given.")
  var number: Int64?

  @Option(help: "google-benchmark, bencher, github-action-benchmark, dawnbench, csv or json.")
  var to: ExportFormat

  @Option(
    name: [.customShort("o"), .long],
    help: "Write to this file; to standard output without it, or for -.",
    completion: .file())
  var output: String?

  @OptionGroup var history: HistoryOptions

  func run() throws {
    let record = try history.record(of: number)
    let text = try to.text(of: record)
    if let failures = ExportFormat.failures(of: record) { Console.error("costcurve: \(failures)") }
    guard let output, output != "-" else { return try Console.write(text) }
    try AtomicFile.write(Data(text.utf8), to: output)
  }
}

/// `costcurve history import FILE…`.
struct ImportHistory: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Add the runs of result files; one that is there already stays.",
    discussion: "Example: costcurve history import report/run.json")

  @Argument(help: "Files that --format json wrote.", completion: .file())
  var files: [String]

  @OptionGroup var history: HistoryOptions

  func run() throws {
    // All are read before the first is added: half an import is hard to repeat.
    let records = try files.map { (file: $0, records: try RecordFile.read($0)) }
    let store = try history.store()
    for (file, records) in records {
      let runs = try records.map { "\(try store.add($0, command: "import"))" }
      Console.error("\(file) is run \(runs.joined(separator: ", ")).")
    }
  }
}
