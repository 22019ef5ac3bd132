import Basics
import Harness
import History
import Reporter

/// One comparison from the command line: a plan in, a judged record out.
struct ComparisonRun {
  var plan: ComparisonPlan
  var failOn: Set<ComparisonRecord.FailOn>
  var output: OutputOptions
  /// Where controls are kept for the margins to come; nil with `--no-save`.
  var history: HistoryOptions?

  /// Compares, writes the record in the form asked for, and keeps the controls.
  ///
  /// - Throws: What the verdicts ask for, after the record has been written.
  func run() throws {
    let cancel = Interrupt.cancelFlag()
    var plan = plan
    // What the newer side says of itself.
    let worker = try GreetedWorker(plan.b.launch)
    try noteInstructionSets(worker)
    let store = try history.map { try $0.store() }
    if let store { plan.pastControls = try pastControls(store, worker) }
    try Interrupt.saving { try compare(plan, worker, store, cancel) }
  }

  /// Compares, and writes what came of it, also what there is after an interruption.
  private func compare(
    _ plan: ComparisonPlan, _ worker: GreetedWorker, _ store: Store?, _ cancel: CancelFlag
  ) throws {
    let shown = Progress(quiet: output.quiet)
    let noise = NoiseMeter()
    let outcome = Comparison(plan, cancel: cancel) { shown.show($0) }.run()
    shown.end()
    for failure in outcome.failures { Console.error("costcurve: \(failure.error)") }
    var context = worker.context(noise: noise, seed: plan.seed)
    if !outcome.neverQuiet.isEmpty { context.noise.neverQuiet = outcome.neverQuiet }
    var record = ComparisonRecord(
      context: context,
      arms: [plan.a, plan.b].map(\.name) + plan.peers.map(\.name), seed: plan.seed,
      cases: outcome.cases, confirms: plan.confirms)
    record.settle()
    if !record.cases.isEmpty {
      try output.emit(
        Document(record), onScreen: Document(record, onScreen: true), json: record, csv: record.csv)
      try store?.addControls(record)
    }
    if outcome.interrupted { throw Problem.interrupted }
    if let first = outcome.failures.first { throw Problem(first.error.kind) }
    let ending = record.ending(failOn: failOn)
    if let kind = record.problem(failOn: failOn) { throw Problem(kind, ending ?? "") }
    if let ending { output.note("costcurve: \(ending).") }
  }

  /// Arms built for different instruction sets differ by more than their sources.
  private func noteInstructionSets(_ worker: GreetedWorker) throws {
    guard plan.a.launch.executable != plan.b.launch.executable,
      let new = worker.greeting.march, let old = try GreetedWorker(plan.a.launch).greeting.march,
      old != new
    else { return }
    output.note(
      "costcurve: \(plan.a.name) was built for \(old), \(plan.b.name) for \(new): "
        + "what differs is not their code alone.")
  }

  private func pastControls(_ store: Store, _ worker: GreetedWorker) throws -> [String: [Double]] {
    let machine = Fingerprint(worker.context(seed: plan.seed)).key
    var past: [String: [Double]] = [:]
    for request in plan.cases {
      for id in Set([request.id, CaseID.withoutEngine(request.id), plan.a.request(for: request).id])
      {
        past[request.id, default: []] += try store.controls(of: id, machine: machine)
      }
    }
    return past
  }
}
