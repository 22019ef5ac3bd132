import Basics
import Economics
import Harness
import History
import Reporter
import Workloads

/// One measurement from the command line: cases in, a priced record out.
struct Session {
  var preset: Preset
  var seed: UInt64
  /// Nil where nothing is priced.
  var price: Price?
  var output: OutputOptions
  /// Where the run is recorded; nil with `--no-save`.
  var store: Store?
  /// The option that names the history, with a blank before it; empty where it is the usual one.
  private var databaseOption = ""
  /// Where finished steps are noted and taken from; nil for what is too short to be taken up again.
  var journal: RunJournal?
  /// How long each case waits for a quiet machine; nil where none does.
  var wait: QuietWait?
  /// What the subject is and how to go on with it; nothing for a network of ours.
  var hints: [String] = []
  /// By whose rules queries are counted; nil where they are not.
  var scenario: Scenario?
  /// What was found of the right answers of what is inferred; nil where nobody looked.
  var accuracy: CaseRecord.Accuracy?

  init(measure: MeasureOptions, price: Price?, output: OutputOptions) throws {
    preset = try measure.preset()
    seed = measure.seed
    wait = try measure.quietWait()
    self.price = price
    self.output = output
    // Opened before anything is measured: a history that cannot be written is told at once.
    store = measure.noSave ? nil : try measure.history.store()
    databaseOption = measure.history.database.map { " --database \(ShellWords.quoted($0))" } ?? ""
  }

  /// Measures the cases and writes the record in the form asked for.
  ///
  /// - Throws: What the outcome asks for, after the record has been written: 130, 7, 3 and so on.
  func run(_ requests: [CaseRequest]) throws {
    try Interrupt.saving {
      let (record, problem, number) = measure(requests)
      guard !record.cases.isEmpty else {
        if problem == .interrupted, requests.count > 1 {
          output.note("costcurve: stopped before any of \(requests.count) cases was measured.")
        }
        throw Problem(problem ?? .caseFailed)
      }
      let report = Report(measured: record)
      try output.emit(report, rest: rest(report, number))
      if let problem { throw Problem(problem) }
    }
  }

  /// Where all of a single measurement is, and how to have what it leaves out.
  private func rest(_ report: Report, _ number: Int64?) -> String {
    let kept = number.map {
      "'costcurve history show \($0)\(databaseOption) --full' prints all of it; --format csv, "
        + "json, markdown or html writes it."
    }
    let whole = "'costcurve run --quick' measures this machine and compares it with the claims."
    let further = report.measuresNetworks && hints.isEmpty ? [whole] : hints
    return ([kept ?? OutputOptions.rest] + further).joined(separator: "\n")
  }

  /// Measures and prices the cases, and adds them to the history before anything else is written.
  ///
  /// Call it within `Interrupt.saving`, so that a signal leaves the time to do so.
  ///
  /// - Parameter requests: At least one.
  /// - Returns: The record, also of an interrupted run; what it ends with, nil where all is well;
  ///   and its number in the history, nil where it is in none.
  func measure(
    _ requests: [CaseRequest]
  ) -> (record: ResultRecord, problem: Problem.Kind?, number: Int64?) {
    // Now and not at the end: after a signal nothing shall stand between samples and disk.
    let noise = NoiseMeter(before: output.lookAtMachine(waits: wait != nil))
    let cancel = Interrupt.cancelFlag()
    // One thread always: what it reaches bounds what any number of them can.
    let threads = Set(requests.compactMap { CaseID($0.id)?.threads }).union([1]).sorted()
    let peaks = zip(threads, CaseSuite.fmaPeaks(threads: threads))
    var plan = MeasurementPlan(
      cases: requests, preset: preset.fitted(to: requests.compactMap(\.kind)))
    plan.peaks = Dictionary(uniqueKeysWithValues: Array(peaks))
    for precision in Set(requests.compactMap { CaseID($0.id)?.precision }) {
      let probes = zip(threads, CaseSuite.peaks(of: precision, threads: threads))
      plan.precisionPeaks[precision] = Dictionary(uniqueKeysWithValues: Array(probes))
    }
    (plan.seed, plan.wait) = (seed, wait)
    let progress = Progress(quiet: output.quiet)
    var outcome = Measurement(
      plan, cancel: cancel, earlier: journal?.steps ?? [], noise: noise,
      meter: EnergyMeter(), progress: { progress.show($0) },
      finished: { journal?.append($0) },
      waiting: { progress.goOn($0) }
    ).run()
    progress.end()
    for failure in outcome.failures { Console.error("costcurve: \(failure.error)") }
    if let fault = journal?.fault { Console.error("costcurve: \(fault).") }
    journal?.complete(&outcome)
    var record = ResultRecord(
      context: ContextReader.context(noise: noise, outcome: outcome, seed: seed),
      peaks: outcome.peaks, cases: outcome.records,
      extent: .init(
        preset: preset.name, processes: preset.processes, interrupted: outcome.interrupted,
        casesAsked: requests.count))
    if let scenario {
      let runs = Double(preset.processes)
      record.count(by: scenario, seconds: preset.budget(for: .infer) / runs)
    }
    journal?.complete(&record.context)
    if let accuracy {
      for index in record.cases.indices where record.cases[index].kind == .infer {
        record.cases[index].accuracy = accuracy
      }
    }
    record = record.withBandwidthShares().withholdingTheImpossible()
    if let price { record.setPrice(price) }
    guard let store, !record.cases.isEmpty else { return (record, outcome.problem, nil) }
    let number = keep(record, in: store)
    return (record, outcome.problem ?? (number == nil ? .cannotWrite : nil), number)
  }

  /// Adds the run to the history; nil, with a sentence said, where that fails.
  private func keep(_ record: ResultRecord, in store: Store) -> Int64? {
    do {
      let run = try store.add(
        record, command: CommandLine.arguments.dropFirst().first ?? "run",
        completing: journal?.kept)
      note(run, in: store)
      return run
    } catch {
      Console.error("costcurve: \(error)")
      return nil
    }
  }

  /// Notes in the journal which run of the history it has become.
  private func note(_ run: Int64, in store: Store) {
    guard let journal else { return }
    do {
      if let content = try store.content(of: run) { journal.keep(content: content) }
    } catch {
      // The run is in the history; only a later try would not know that it completes this one.
      Console.error("costcurve: \(error)")
    }
  }
}
