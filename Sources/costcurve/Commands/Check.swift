import ArgumentParser
import Basics
import Harness

/// `costcurve check`: the CI gate against a saved baseline.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Compare this build with a saved baseline; exit 2 on a confirmed regression.",
    discussion: """
      Both executables take turns. A difference counts once a second set of fresh processes has \
      found it too, also with --quick; an undecided case is retried once, and then fails with 8 \
      where --fail-on asks for it. Margins, thoroughness and fail_on come from costcurve.toml in \
      this folder, where there is one.

      Example: costcurve check --baseline main --fail-on unstable --fail-on inconclusive
      """)

  @Option(help: "Name of the baseline.")
  var baseline: String

  @Option(help: "Settings; costcurve.toml in this folder where there is one.", completion: .file())
  var config: String?

  @OptionGroup var compare: CompareOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let settings = try GateSettings(file: config)
    let baselines = measure.history.baselines
    let build = try baselines.build(baseline)
    let cases = try filter.apply(build.cases)
    guard !cases.isEmpty else {
      throw Problem(.caseFailed, "the baseline '\(baseline)' has no cases; save it again.")
    }
    if filter.list { return try Console.write(cases.map { $0.id + "\n" }.joined()) }
    let old = Arm(
      name: "baseline:\(baseline)",
      launch: WorkerLaunch(executable: try baselines.executable(baseline)))
    var plan = try compare.plan(
      a: old, b: Arm(name: "this build", launch: .own), peers: [], cases: cases, measure: measure)
    if measure.processes == nil, !measure.quick, !measure.rigorous {
      plan.processes = settings.processes ?? plan.processes
    }
    if compare.pairs == nil, let pairs = settings.pairs {
      (plan.pairs, plan.laterPairs, plan.sessionSeconds) = (pairs, nil, 0)
    }
    if compare.margin == nil {
      for request in cases { plan.margins[request.id] = settings.margin(of: request.id) }
    }
    try ComparisonRun(
      plan: plan, failOn: settings.failOn.union(compare.failOn), output: output,
      history: measure.noSave ? nil : measure.history
    ).run()
  }
}
