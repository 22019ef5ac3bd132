import ArgumentParser
import Basics
import Formats
import Foundation
import Harness
import Kernels
import Models
import Programs
import Reporter
import Workloads

/// Exact training steps on the user's arrays: what anyone can compare with PyTorch.
struct TrainArrays: ParsableArguments {
  @Option(
    help: "Images to train on: a .npy file, float32, N C H W; all of them in every step.",
    completion: .file())
  var input: String?

  @Option(help: "Labels of the images: a .npy file, int64, one per image.", completion: .file())
  var labels: String?

  @Option(help: "Training steps on the given images.")
  var steps = 4

  @Option(name: .customLong("learning-rate"), help: "Learning rate of SGD.")
  var learningRate: Float = 0.01

  @Option(help: "Momentum of SGD.")
  var momentum: Float = 0.9

  @Option(
    name: .customLong("weight-decay"),
    help: "Weight decay: this share of the weights is added to the gradient.")
  var weightDecay: Float = 5e-5

  @Option(
    name: .customLong("save-weights"), help: "Write the trained weights as safetensors.",
    completion: .file())
  var saveWeights: String?

  func validate() throws {
    try (1...1_000_000).check("--steps", steps)
    guard learningRate.isFinite, learningRate >= 0 else {
      throw ValidationError("--learning-rate needs a number of at least 0, not \(learningRate).")
    }
    guard momentum >= 0, momentum < 1 else {
      throw ValidationError("--momentum needs a number from 0 to below 1, not \(momentum).")
    }
    guard weightDecay.isFinite, weightDecay >= 0 else {
      throw ValidationError("--weight-decay needs a number of at least 0, not \(weightDecay).")
    }
    guard (input == nil) == (labels == nil) else {
      throw ValidationError("--input and --labels belong together; give both or neither.")
    }
    guard input != nil || saveWeights == nil else {
      throw ValidationError("--save-weights needs --input: a timed step trains nothing.")
    }
  }

  /// The optimizer that the flags describe.
  var optimizer: SGD {
    SGD(learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
  }

  /// Trains, writes the weights if asked, and prints the losses.
  ///
  /// - Throws: Bad input with its exit code; nothing is written then.
  func run(
    _ options: NetworkOptions, in precision: TrainingPrecision, threads: Int, seed: UInt64,
    output: OutputOptions
  ) throws {
    guard let input, let labels else { return }
    let noise = NoiseMeter()
    let engine = try options.resolvedEngine()
    let model = try Model(
      named: options.name, weights: options.weights, seed: UInt32(truncatingIfNeeded: seed))
    for note in [model.prefixNote, model.auxiliaryNote].compactMap(\.self) {
      output.note("costcurve: \(note)")
    }
    if let note = precision.note(model.network) { output.note("costcurve: \(note)") }
    let images = try ImageFile(path: input, network: model.network)
    let classes = try LabelFile.read(
      path: labels, count: images.count, classes: model.network.classes)
    if let saveWeights {
      guard !AtomicFile.isStandardOutput(saveWeights) || output.output != nil else {
        throw Problem(
          .usage,
          "--save-weights \(saveWeights): the losses go to standard output; give --output FILE for "
            + "them, or save the weights to a file.")
      }
      try AtomicFile.refuseUnwritable(saveWeights)
    }
    let run = try ArrayTraining(
      model, images, classes, engine: engine, in: precision, threads: threads, seed: seed)
    var losses: [Double] = []
    for step in 1...steps {
      if Interrupt.wasRequested { throw Problem.interrupted }
      let loss = run.step(optimizer)
      guard loss.isFinite else {
        throw Problem(
          .malformed,
          "the loss of step \(step) is \(loss); choose a --learning-rate below \(learningRate).")
      }
      losses.append(loss)
    }
    try Interrupt.saving {
      if let saveWeights { try run.state.write(to: saveWeights) }
      try output.emit(
        Document(losses: losses, network: model.network.name, precision: precision),
        json: ResultRecord(
          context: context(noise, seed: seed), losses: losses, precision: precision.inIDs
        ).withholdingTheImpossible(),
        csv: CSVReport.text(
          [["step", "loss"]] + losses.enumerated().map { ["\($0.offset + 1)", "\($0.element)"] }))
    }
  }

  private func context(_ noise: NoiseMeter, seed: UInt64) -> Context {
    var outcome = MeasurementOutcome()
    outcome.libraries = [LoadedLibrary.cblas].compactMap(\.self)
    return ContextReader.context(noise: noise, outcome: outcome, seed: seed)
  }
}

/// Full-batch training steps on arrays that are in memory.
struct ArrayTraining {
  private let training: TrainingStep
  private let images: [Float]
  private let labels: [Int32]

  /// Reads the images and compiles the step.
  ///
  /// - Throws: Images that batch-norm or this machine's memory cannot take, or damaged files.
  init(
    _ model: Model, _ file: ImageFile, _ labels: [Int32], engine: Engine,
    in precision: TrainingPrecision, threads: Int, seed: UInt64
  ) throws {
    let network = model.network
    try network.requireOneHead()
    do throws(Problem) {
      try network.refuseTraining(
        batch: file.count, inputSize: file.size, heedsEveryNorm: true)
    } catch {
      throw Problem(.malformed, "\(file.path): \(error)")
    }
    try MemoryEstimate.training(
      network, batch: file.count, inputSize: file.size, precision: precision, threads: threads
    ).refuseIfTooLarge(
      for: "\(file.path): a step on \(Units.count(file.count, "image")) of \(file.size) pixels",
      remedy: "give fewer images")
    let shape = network.imageShape(batch: file.count, inputSize: file.size)
    var images = [Float](repeating: 0, count: shape.count)
    try images.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try file.read(0..<file.count, into: base)
    }
    training = try TrainingStep(
      network, state: try TrainingState(network, weights: model.weights), batch: file.count,
      inputSize: file.size, seed: seed, precision: precision, pool: ThreadPool(threads: threads)
    ) { _, shape, direction in engine.algorithm(for: shape, direction: direction) }
    (self.images, self.labels) = (images, labels)
  }

  /// What training has made of the weights.
  var state: TrainingState { training.state }

  /// Takes a step and returns the loss before its update.
  func step(_ optimizer: SGD) -> Double {
    training.run(images, labels: labels, optimizer: optimizer)
  }
}
