import ArgumentParser
import Harness
import History
import Workloads

/// `costcurve run`: the main job.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measure this machine, price it, compare it with the published curves.",
    discussion: """
      Leaves run.json, report.md and report.html in the output folder and ends with the answer in \
      a few lines; --full prints the whole report. \
      Example: costcurve run --quick
      """)

  @OptionGroup var threads: ThreadOptions

  @Option(help: "Only this engine; see 'costcurve list engines'.")
  var engine: String?

  @Flag(help: "Each case once and briefly: whether everything works, not how fast it is.")
  var smoke = false

  @OptionGroup var place: RunFolderOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let journal = place.resume ? try UnfinishedRun.journal(in: outputFolder) : nil
    try (try journal.map(asBegun) ?? self).carryOut(after: journal)
  }

  /// Measures, prices, reports; `earlier` is the journal of a run that is resumed.
  private func carryOut(after earlier: RunJournal?) throws {
    var suite = RunSuite(threads: try threads.ladder())
    if let engine { suite.limit(to: try Engine.named(engine)) }
    (suite.measuresAll, suite.isSmoke) = (!measure.quick && !smoke, smoke)
    var requests = try filter.apply(try suite.requests())
    if filter.list { return try Console.write(requests.map { $0.id + "\n" }.joined()) }
    let price = try price.price()
    let folder = try RunFolder(path: outputFolder)
    var session = try Session(measure: measure, price: price, output: output)
    if smoke { (session.preset, session.store) = (.smoke, nil) }
    earlier?.goOn(at: ContextReader.now())
    requests = try suite.calibrated(requests, output: output)
    // Seconds of work are not worth a journal, least of all in place of an interrupted run's.
    session.journal =
      try smoke ? nil : earlier ?? UnfinishedRun.begin(in: outputFolder, note: output.note)
    try Interrupt.saving { try session.run(requests, leavingReportIn: folder) }
  }

  private var outputFolder: String { place.outputFolder }
}
