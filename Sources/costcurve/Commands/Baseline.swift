import ArgumentParser
import Foundation
import Harness
import History
import Models
import Reporter
import Workloads

/// `costcurve baseline`: executables kept for later checks.
struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline",
    abstract: "Keep this executable under a name, for 'check' to run it beside a later one.",
    discussion: "Example: costcurve baseline save main",
    subcommands: [SaveBaseline.self, ListBaselines.self, ShowBaseline.self, RemoveBaseline.self])
}

/// `costcurve baseline save NAME`.
struct SaveBaseline: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save", abstract: "Keep an executable with the record of its build.",
    discussion: "Example: costcurve baseline save main --filter '^gemm/'")

  @Argument(help: "Letters, digits, dots, hyphens and underscores.")
  var name: String

  @Option(help: "The executable to keep; this one unless given.", completion: .file())
  var binary: String?

  @OptionGroup var network: NetworkOptions
  @OptionGroup var precision: PrecisionOptions

  @Option(help: "Tokens of a sequence; the network's usual number unless given.")
  var sequence: Int?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var history: HistoryOptions

  @Flag(help: "No notes on standard error.")
  var quiet = false

  func run() throws {
    let resolved = try network.resolved()
    let engine = try network.resolvedEngine()
    let threads = try threads.count()
    var options = network.caseOptions(seed: 1)
    if let sequence {
      guard resolved.item == .sequence else { throw resolved.refusal(ofSequence: true) }
      try resolved.refuse(inputSize: sequence)
      options[.sequence] = String(sequence)
    }
    let subject = WorkSubject.network(resolved)
    options = try precision.completing(
      options, of: subject, engine, threads: threads, quiet: quiet)
    let cases = try CompareSuite(
      subject: subject, options: options, inputSize: network.inputSize ?? sequence,
      batch: network.batchSize, threads: threads, engine: engine,
      precision: precision.precision.inIDs
    ).requests(filter)
    if filter.list { return try Console.write(cases.map { $0.id + "\n" }.joined()) }
    let executable = binary ?? "/proc/self/exe"
    let worker = try GreetedWorker(WorkerLaunch(executable: executable))
    let (greeting, context) = (worker.greeting, worker.context(seed: 1))
    let size = (try? Data(contentsOf: URL(fileURLWithPath: executable)).count) ?? 0
    let build = BaselineStore.Build(
      name: name, saved: context.date, version: greeting.worker ?? "unknown",
      protocol: greeting.protocol ?? 0, bytes: size, machine: Fingerprint(context),
      git: context.git, cases: cases)
    let earlier = try? history.baselines.build(name)
    try history.baselines.save(build, executable: executable)
    if !quiet {
      let instead = earlier.map { " in place of the one saved \($0.saved)" } ?? ""
      Console.error(
        "Kept \(build.version) as '\(name)' with \(Units.count(cases.count, "case"))\(instead); "
          + "'costcurve check --baseline \(name)' compares a later build with it.")
    }
  }
}

/// `costcurve baseline list`.
struct ListBaselines: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the baselines that are kept.",
    discussion: "Example: costcurve baseline list")

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let builds = history.baselines.list()
    let table = DataTable(
      id: "baselines", caption: "Baselines in \(history.baselines.folder)",
      columns: [
        .init("Name"), .init("Saved"), .init("Version"), .init("Commit"),
        .init("Cases", isNumber: true), .init("Size", isNumber: true),
      ],
      rows: builds.map { build in
        [
          .init(build.name), .init(build.saved), .init(build.version),
          .init(
            build.git.map { String($0.commit.prefix(12)) + ($0.dirty ? " (changed)" : "") } ?? "–"),
          .init(count: build.cases.count),
          .init(Units.bytes(build.bytes), number: Double(build.bytes)),
        ]
      })
    let document = Document(
      title: Units.count(builds.count, "baseline"),
      subtitle: builds.isEmpty ? "'costcurve baseline save NAME' keeps this executable." : "",
      sections: [.plain("Kept executables", table)])
    try output.emit(document, json: builds)
  }
}

/// `costcurve baseline show NAME`.
struct ShowBaseline: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what is known of one baseline.",
    discussion: "Example: costcurve baseline show main")

  @Argument(help: "Its name.")
  var name: String

  @OptionGroup var history: HistoryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let build = try history.baselines.build(name)
    let fields = Fingerprint.names.map { ($0, build.machine.fields[$0] ?? "") }
    let table = DataTable(
      id: "build", caption: "Build and machine", columns: [.init("What"), .init("Value")],
      rows: ([("executable", try history.baselines.executable(name))] + fields).map {
        [.init($0.0), .init($0.1)]
      })
    let cases = DataTable(
      id: "cases", caption: "Cases that a check compares", columns: [.init("Case")],
      rows: build.cases.map { [.init($0.id)] })
    let document = Document(
      title: "Baseline '\(name)'", subtitle: "\(build.version), saved \(build.saved)",
      sections: [.plain("Origin", table), .plain("Check", cases)])
    let csv = CSVReport.text(
      [["what", "value"]]
        + (table.rows + cases.rows.map { [.init("case")] + $0 }).map { row in
          row.map(\.text)
        })
    try output.emit(document, json: build, csv: csv)
  }
}

/// `costcurve baseline remove NAME`.
struct RemoveBaseline: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove one baseline.",
    discussion: "Example: costcurve baseline remove main")

  @Argument(help: "Its name.")
  var name: String

  @OptionGroup var history: HistoryOptions

  func run() throws { try history.baselines.remove(name) }
}
