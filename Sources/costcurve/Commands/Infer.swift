import ArgumentParser
import Workloads

/// `costcurve infer`: inference of one network or one model of a file.
struct InferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Time one network's inference: latency, images or tokens a second, their price.",
    discussion: """
      --batch-size may be a list, such as 1,4,16, of which each number is measured.

      Example: costcurve infer resnet50 --batch-size 1 --threads 2 --duration 5s --quick

      Example: costcurve infer --network bert-base --sequence 128 --quick

      Example: costcurve infer gpt2 --decode --sequence 1024 --quick

      Example: costcurve infer --model yours.onnx --quick

      Example: costcurve infer resnet50 --batch-size 1,4,16 --threads 1,2

      Example: costcurve infer resnet50 --scenario single-stream

      Example: costcurve infer resnet50 --precision bf16 --quick

      Example: costcurve infer resnet50 --precision int8 --calibration images.npy --quick

      Example: costcurve infer resnet50 --cheapest --quick

      Example: costcurve infer resnet20 --weights resnet20.safetensors --dataset fashion-mnist \
      --precision int8 --quick
      """
  )

  @OptionGroup var word: NetworkWord
  @OptionGroup var work: WorkOptions
  @OptionGroup var precision: PrecisionListOptions
  @OptionGroup var labelled: LabelledImagesOptions
  @OptionGroup var threads: ThreadListOptions
  @OptionGroup var counting: ScenarioOptions

  @Flag(help: "Time generating text: one more token of --sequence, and the prompt before it.")
  var decode = false

  @Flag(help: "Time each layer's algorithms first and use the fastest, also in later runs.")
  var autotune = false

  @Flag(help: "Show where the time goes, layer by layer.")
  var explain = false

  @Flag(
    help: """
      Find the engine, precision, batch size, threads and instances with the lowest cost per item.
      """)
  var cheapest = false

  @OptionGroup var rivals: SearchPeersOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if decode && (cheapest || autotune) {
      throw ValidationError(
        "--decode goes with neither --cheapest nor --autotune; give one of them.")
    }
    if explain && cheapest {
      throw ValidationError("--explain and --cheapest exclude each other; give one of them.")
    }
    if explain, isSweep {
      throw ValidationError(
        "--explain shows one case; give one number each to --batch-size and --threads.")
    }
    if decode, let lower = precision.precision.inIDs {
      throw ValidationError(
        "--decode computes in float32 alone; leave --precision \(lower.rawValue) out.")
    }
    if labelled.isGiven, explain || decode || (isSweep && !cheapest) {
      throw ValidationError(
        "--images and --labels, or --dataset, are for one case that is timed, or for --cheapest; "
          + "leave them out here.")
    }
    if explain || cheapest { try price.refuseElectricityAlone() }
    try precision.refuse(searches: cheapest)
    try rivals.refuse(searches: cheapest, work.network)
    try counting.refuse(
      ["--explain": explain, "--cheapest": cheapest, "--decode": decode],
      batchSize: work.network.givenBatchSize)
  }

  func run() throws {
    try output.refuseUnwritable()
    let subject = try work.subject(word)
    let engine = try work.network.resolvedEngine()
    if decode { return try decode(subject, engine, threads: try threads.count()) }
    if cheapest { return try cheapest(subject, threads: try threads.count()) }
    let counts = try threads.counts()
    let (batches, most) = (try batches(of: subject, threads: counts), counts.max() ?? 1)
    var options = work.caseOptions(seed: measure.seed)
    if let lower = precision.precision.inIDs {
      let calibration = try labelled.calibration(
        precision.int8.calibration, in: precision.precision, of: subject)
      options = try QuantizedWork.completing(
        options, in: lower, of: subject, engine, calibration: calibration,
        weightBits: precision.int8.weightBits.bits, threads: most, quiet: output.quiet)
    }
    let requests = try batches.flatMap { batch in
      try counts.map { count in
        try request(of: subject, by: engine, options, batch: batch, threads: count)
      }
    }
    if explain { return try output.explain(requests[0], measure, seconds: 3) }
    var session = try session(for: subject, at: try price.price())
    session.accuracy = try accuracy(
      of: subject, options, in: precision.precision, engine, threads: most)
    try session.run(requests)
  }
}
