import ArgumentParser
import Basics
import Economics
import Harness
import Kernels
import Models
import Programs
import Ranks
import Training
import Workloads

/// Training on a data set to an accuracy, `train --dataset fashion-mnist`, or on a text to a loss,
/// `train --text FILE`.
struct TrainDataset: ParsableArguments {
  @Option(help: "Train on this data set; only fashion-mnist is available.")
  var dataset: String?

  @OptionGroup var images: DatasetOptions

  @Option(
    help: "Train on the bytes of this text: a file, or a folder's files in .swift and .md.",
    completion: .file())
  var text: String?

  @Option(help: "Passes over images or text; the learning-rate schedule depends on it.")
  var epochs = 6

  @Option(name: .customLong("until-accuracy"), help: "Stop at this test accuracy, such as 0.92.")
  var untilAccuracy: Double?

  @Option(
    name: .customLong("until-loss"),
    help: "Stop at this loss of held-out text, in nats a byte, such as 1.5.")
  var untilLoss: Double?

  @Option(
    name: .customLong("run-directory"),
    help: "Folder for checkpoint, weights and learning curve; named after network and seed.",
    completion: .directory)
  var runDirectory: String?

  @Flag(help: "Go on from the run directory's checkpoint.")
  var resume = false

  @Flag(help: "Start again, removing an earlier training in the run directory.")
  var restart = false

  func validate() throws {
    try (1...10_000).check("--epochs", epochs)
    if let untilAccuracy, !(untilAccuracy > 0 && untilAccuracy <= 1) {
      throw ValidationError("--until-accuracy needs a share from 0 to 1, not \(untilAccuracy).")
    }
    if let untilLoss, !(untilLoss > 0 && untilLoss.isFinite) {
      throw ValidationError("--until-loss needs a number above 0, not \(untilLoss).")
    }
    guard dataset == nil || text == nil else {
      throw ValidationError("--dataset and --text are two things to train on; choose one.")
    }
    guard dataset != nil || (images.data == nil && untilAccuracy == nil) else {
      throw ValidationError("--data and --until-accuracy need --dataset.")
    }
    guard text != nil || untilLoss == nil else {
      throw ValidationError("--until-loss needs --text.")
    }
    guard dataset != nil || text != nil || (!resume && !restart) else {
      throw ValidationError("--resume and --restart need --dataset or --text.")
    }
    guard !resume || !restart else {
      throw ValidationError("--resume goes on and --restart begins anew; choose one.")
    }
  }

  /// Whether a flag stands on the command line: defaults differ from those of a timed step.
  static func isGiven(_ flag: String) -> Bool {
    CommandLine.arguments.contains { $0 == flag || $0.hasPrefix("\(flag)=") }
  }

  /// Trains to the last epoch or the accuracy asked for, a checkpoint an epoch.
  ///
  /// - Parameters:
  ///   - options: Network and batch.
  ///   - optimizer: Its three numbers, as far as they are given.
  ///   - precision: What layers of a step multiply.
  ///   - sharing: Who has the shards of a step.
  ///   - ranked: This process as one of several ranks; nil alone.
  ///   - records: Where each rank leaves a record.
  ///   - threads: Of this process.
  ///   - seed: Of weights, order, crops and dropout.
  ///   - price: Of one machine.
  ///   - output: Where the result goes.
  /// - Throws: Bad input with its exit code; 1 when the accuracy was not reached; 130 after an
  ///   interruption, the last complete epoch being safe.
  func run(
    _ options: NetworkOptions, _ optimizer: TrainArrays, in precision: TrainingPrecision,
    sharing: Sharing, ranked: RankedRun?, records: RankRecordOptions, threads: Int, seed: UInt64,
    price: Price, output: OutputOptions
  ) throws {
    let loop = try ranked.together {
      let engine = try options.resolvedEngine()
      let (network, data) = try subject(options)
      let recipe = try recipe(
        options, optimizer, network, data, shards: sharing.shards, seed: seed)
      try refuseTooLarge(network, recipe, data, sharing, precision, threads: threads)
      // Ranks on other machines may not see rank 0's disk, and do not need it.
      let folder = try ranked.speaks ? self.folder(network, seed: recipe.seed) : nil
      try records.prepare(rank: ranked?.group.rank ?? 0)
      let training = try DatasetTraining(
        network, data: data, recipe: recipe, sharing: sharing, precision: precision,
        pool: ThreadPool(threads: threads), choose: engine.algorithm(for:direction:))
      if let note = precision.note(network) { output.note("costcurve: \(note)") }
      let report = TrainingReport(
        training, price: price, engine: engine, threads: threads, target: untilAccuracy)
      let loop = TrainingLoop(report: report, folder: folder, ranked: ranked, output: output)
      if resume { try loop.resume() }
      return loop
    }
    let (training, report) = (loop.report.training, loop.report)
    let settings = training.reduction.map { "\($0.settings)" } ?? ""
    try training.refuseDifferentRanks("\(report.engine) \(untilAccuracy ?? 2) \(settings)")
    try training.takeStateOfRankZero()
    if let mixed = report.mixedShards { output.note("costcurve: \(mixed)") }
    try loop.train()
    try loop.finish(record: records.file(of: ranked?.group.rank ?? 0))
  }

  /// Where a training leaves its results, by `--run-directory` or named after network and seed.
  func folder(_ network: Network, seed: UInt32) throws -> TrainingFolder {
    try TrainingFolder(
      path: runDirectory ?? "training/\(network.name)-seed\(seed)",
      earlier: resume ? .resumed : restart ? .replaced : .kept)
  }

  private func refuseTooLarge(
    _ network: Network, _ recipe: TrainingRecipe, _ data: FashionMNIST, _ sharing: Sharing,
    _ precision: TrainingPrecision, threads: Int
  ) throws {
    let batch = recipe.batch / sharing.shards
    // A rank has a block for what arrives, one process that takes shards in turn one for each.
    let blocks =
      switch sharing {
      case .alone: 0
      case .inTurn(let count): count
      case .ranks: 1
      }
    let group = sharing.group
    let processes = group.map { $0.places.onMachine(of: $0.rank) } ?? 1
    let estimate = MemoryEstimate.training(
      network, batch: batch, inputSize: data.train.size, precision: precision, threads: threads,
      gradientBlocks: blocks)
    try MemoryEstimate(bytes: processes * estimate.bytes).refuseIfTooLarge(
      for: "--batch-size \(batch)", remedy: "choose a smaller batch")
  }

  /// The data set and a network for its images.
  private func subject(_ options: NetworkOptions) throws -> (Network, FashionMNIST) {
    guard dataset == FashionMNIST.name else {
      throw Problem(.absent, FashionMNIST.refusal(of: dataset ?? ""))
    }
    let network = try Network.named(
      options.network ?? "resnet20", classes: FashionMNIST.classes)
    return (network, try images.read(for: [network]))
  }

  private func recipe(
    _ options: NetworkOptions, _ optimizer: TrainArrays, _ network: Network, _ data: FashionMNIST,
    shards: Int, seed: UInt64
  ) throws -> TrainingRecipe {
    var recipe = TrainingRecipe(
      for: network, epochs: epochs, seed: UInt32(truncatingIfNeeded: seed))
    if Self.isGiven("--batch-size") { recipe.batch = shards * (try options.batchSize) }
    guard recipe.batch % shards == 0 else {
      throw Problem(
        .usage,
        "a step of \(recipe.batch) images cannot be cut into \(shards) equal shards; give "
          + "--batch-size, the images of one shard, such as \(max(1, recipe.batch / shards)).")
    }
    if Self.isGiven("--learning-rate") { recipe.peakRate = optimizer.learningRate }
    if Self.isGiven("--momentum") { recipe.momentum = optimizer.momentum }
    if Self.isGiven("--weight-decay") { recipe.weightDecay = optimizer.weightDecay }
    guard recipe.batch <= data.train.count else {
      let times = shards > 1 ? ", \(shards) times," : ""
      throw Problem(
        .usage,
        "--batch-size \(recipe.batch / shards)\(times) is more than the \(data.train.count) "
          + "training images.")
    }
    return recipe
  }
}
