import ArgumentParser
import Workloads

/// `costcurve infer`: inference of one network or one model of a file.
struct InferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Time one network's inference: latency, images or positions a second, their price.",
    discussion: """
      Example: costcurve infer resnet50 --batch-size 1 --threads 2 --duration 5s --quick

      Example: costcurve infer --model yours.onnx --quick

      Example: costcurve infer resnet50 --precision int8 --calibration images.npy --quick
      """
  )

  @OptionGroup var word: NetworkWord
  @OptionGroup var work: WorkOptions
  @OptionGroup var precision: PrecisionOptions
  @OptionGroup var labelled: LabelledImagesOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Time the algorithms of each layer first and use the fastest; remembered.")
  var autotune = false

  @Flag(help: "Show where the time goes, layer by layer.")
  var explain = false

  @Flag(help: "Search batch size, threads and instances for the lowest cost of an item.")
  var cheapest = false

  func validate() throws {
    if explain && cheapest {
      throw ValidationError("--explain and --cheapest exclude each other; give one of them.")
    }
    if explain || cheapest, labelled.images != nil {
      throw ValidationError(
        "--images and --labels are for a case that is timed; leave them out here.")
    }
  }

  func run() throws {
    try output.refuseUnwritable()
    let subject = try work.subject(word)
    let engine = try work.network.resolvedEngine()
    let threads = try threads.count()
    var options = try precision.completing(
      work.caseOptions(seed: measure.seed), of: subject, engine, threads: threads,
      quiet: output.quiet)
    if cheapest { return try cheapest(subject, engine, options, threads: threads) }
    if autotune { options = try tuned(options, subject, engine, threads: threads) }
    let request = CaseSuite.network(
      .infer, name: subject.name, batch: work.batch(of: subject), threads: threads,
      engine: engine, options: options, precision: precision.precision.inIDs)
    if explain { return try output.explain(request, measure, seconds: 3) }
    var session = try Session(measure: measure, price: try price.price(), output: output)
    session.hints = subject.hints
    session.accuracy = try accuracy(of: subject, options, engine, threads: threads)
    try session.run([request])
  }
}
