import ArgumentParser

/// `costcurve compare`: B compared with A, interleaved in one go.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two or more engines, builds or libraries, interleaved.",
    discussion: """
      An arm is an engine (openblas, native), the path of a costcurve binary, baseline:NAME, a git \
      revision (built once and kept), or openblas@/path/lib.so. Arm A always runs a second time, \
      as the control.

      Example: costcurve compare openblas native --filter '^gemm/1024' --threads 1

      Example: costcurve compare HEAD~3 HEAD --filter '^infer/'
      """)

  @Argument(help: "Arm A, which the others are compared with.", completion: .file())
  var a: String

  @Argument(help: "Arm B.", completion: .file())
  var b: String

  @Argument(help: "Further arms.", completion: .file())
  var peers: [String] = []

  @OptionGroup var work: WorkOptions
  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var compare: CompareOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try output.refuseUnwritable()
    let names = ArmNames(
      engine: try work.network.resolvedEngine(), baselines: measure.history.baselines,
      quiet: output.quiet)
    let subject = try work.subject()
    let engine = try work.network.resolvedEngine()
    let threads = try threads.count()
    let options = try precision.completing(
      work.caseOptions(seed: measure.seed), of: subject, engine, threads: threads,
      quiet: output.quiet)
    let cases = try CompareSuite(
      subject: subject, options: options, inputSize: work.inputSize,
      batch: work.batch(of: subject), threads: threads, engine: engine,
      precision: precision.precision.inIDs
    ).requests(filter)
    if filter.list { return try Console.write(cases.map { $0.id + "\n" }.joined()) }
    let arms = try names.arms([a, b] + peers)
    let plan = try compare.plan(
      a: arms[0], b: arms[1], peers: Array(arms[2...]), cases: cases, measure: measure)
    try ComparisonRun(
      plan: plan, failOn: Set(compare.failOn), output: output,
      history: measure.noSave ? nil : measure.history
    ).run()
  }
}
