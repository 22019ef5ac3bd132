import ArgumentParser
import Models
import Workloads

/// `costcurve train`: one network's training step, exact steps on given arrays, or a real run.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Time one network's training step; or train on your arrays, or on a data set.",
    discussion: """
      Example: costcurve train --network resnet50 --batch-size 16 --threads 2 --quick

      Example: costcurve train --network resnet50 --weights w.safetensors --input x.npy \
      --labels l.npy --steps 4 --format json

      Example: costcurve train --dataset fashion-mnist --network resnet20 --epochs 6

      Example: costcurve train --network resnet50 --batch-size 16 --explain

      Example: costcurve train --network bert-base --sequence 128 --batch-size 8 --quick

      Example: costcurve train resnet50 --precision bf16 --batch-size 16 --quick
      """)

  @OptionGroup var word: NetworkWord
  @OptionGroup var network: NetworkOptions
  @OptionGroup var arrays: TrainArrays
  @OptionGroup var dataset: TrainDataset
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var measure: MeasureOptions
  @OptionGroup var price: PriceOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "Tokens of a sequence; the network's usual number unless given.")
  var sequence: Int?

  @Option(
    help: """
      What layers multiply: f32, or bf16 with sums, weights and updates in float32.
      """)
  var precision = StepPrecision.f32

  @Flag(help: "Show where a step's time goes, by layer and phase, and what limits it.")
  var explain = false

  func validate() throws {
    try (1...1 << 20).check("--sequence", sequence)
    if explain, arrays.input != nil || dataset.dataset != nil {
      throw ValidationError("--explain times a step; leave out --input and --dataset.")
    }
  }

  func run() throws {
    try output.refuseUnwritable()
    let network = try network.naming(word)
    let subject = try Network.named(network.name)
    try subject.refuseTraining()
    if let sequence {
      guard subject.item == .sequence else { throw subject.refusal(ofSequence: true) }
      try subject.refuse(inputSize: sequence)
    }
    try precision.refuse(try network.resolvedEngine())
    if arrays.input != nil || dataset.dataset != nil {
      try subject.refuseLabels()
      output.waitForQuiet(try measure.quietWait())
    }
    if arrays.input != nil {
      return try arrays.run(
        network, in: precision.training, threads: try threads.count(), seed: measure.seed,
        output: output)
    }
    if dataset.dataset != nil {
      return try dataset.run(
        network, arrays, in: precision.training, threads: try threads.count(),
        seed: measure.seed, price: try price.price(), output: output)
    }
    let resolved = try network.resolved()
    if let note = precision.training.note(resolved) { output.note("costcurve: \(note)") }
    var options = network.caseOptions(seed: measure.seed)
    if let sequence { options[.sequence] = String(sequence) }
    let request = CaseSuite.network(
      .train, name: resolved.name, batch: try network.batchSize, threads: try threads.count(),
      engine: try network.resolvedEngine(), options: options,
      precision: precision.training.inIDs)
    if explain {
      return try output.explain(
        request, measure, seconds: 10, schema: "costcurve.training-profile")
    }
    try Session(measure: measure, price: try price.price(), output: output).run([request])
  }
}
