import ArgumentParser
import Basics
import Economics
import Foundation
import Harness
import Kernels
import Models
import Programs
import Training
import Workloads

/// Training on a data set to an accuracy: `train --dataset fashion-mnist`.
struct TrainDataset: ParsableArguments {
  @Option(help: "Train on this data set; there is fashion-mnist.")
  var dataset: String?

  @OptionGroup var images: DatasetOptions

  @Option(help: "Passes over the training images; the learning rate's course depends on it.")
  var epochs = 6

  @Option(name: .customLong("until-accuracy"), help: "Stop at this test accuracy, such as 0.92.")
  var untilAccuracy: Double?

  @Option(
    name: .customLong("run-directory"),
    help: "Folder for checkpoint, weights and learning curve; named after network and seed.",
    completion: .directory)
  var runDirectory: String?

  @Flag(help: "Go on from the run directory's checkpoint.")
  var resume = false

  @Flag(help: "Begin anew where the run directory holds an earlier training, which is removed.")
  var restart = false

  func validate() throws {
    try (1...10_000).check("--epochs", epochs)
    if let untilAccuracy, !(untilAccuracy > 0 && untilAccuracy <= 1) {
      throw ValidationError("--until-accuracy needs a share from 0 to 1, not \(untilAccuracy).")
    }
    guard dataset != nil || (!resume && !restart && images.data == nil && untilAccuracy == nil)
    else {
      throw ValidationError("--resume, --restart, --data and --until-accuracy need --dataset.")
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
  /// - Throws: Bad input with its exit code; 1 when the accuracy was not reached; 130 after an
  ///   interruption, the last complete epoch being safe.
  func run(
    _ options: NetworkOptions, _ optimizer: TrainArrays, in precision: TrainingPrecision,
    threads: Int, seed: UInt64, price: Price, output: OutputOptions
  ) throws {
    let engine = try options.resolvedEngine()
    let (network, data) = try subject(options)
    let recipe = try recipe(options, optimizer, network, data, seed: seed)
    try MemoryEstimate.training(
      network, batch: recipe.batch, inputSize: data.train.size, precision: precision,
      threads: threads
    ).refuseIfTooLarge(for: "--batch-size \(recipe.batch)", remedy: "choose a smaller batch")
    let folder = try TrainingFolder(
      path: runDirectory ?? "training/\(network.name)-seed\(recipe.seed)",
      earlier: resume ? .resumed : restart ? .replaced : .kept)
    let training = try DatasetTraining(
      network, data: data, recipe: recipe, precision: precision,
      pool: ThreadPool(threads: threads), choose: engine.algorithm(for:direction:))
    if let note = precision.note(network) { output.note("costcurve: \(note)") }
    if resume { try resume(training, folder, output) }
    let report = TrainingReport(
      training, price: price, engine: engine, threads: threads, images: data.train.count,
      target: untilAccuracy)
    try train(training, folder, report, output)
    // A run that was killed between its last checkpoint and this line has no epoch left to do it.
    try Interrupt.saving {
      try folder.writeCurve(training, report)
      try training.state.write(to: folder.weights)
      try output.emit(
        report.document(training, folder.path), json: report.summary(training),
        csv: report.csv(training))
    }
    if let untilAccuracy, !report.hasReached(training) {
      throw Problem(
        .malformed,
        "the accuracy \(untilAccuracy) was not reached in "
          + "\(Units.count(training.epoch, "epoch")); give more --epochs.")
    }
  }

  /// Puts a run where its checkpoint was written; one killed in its first epoch has none yet.
  private func resume(
    _ training: DatasetTraining, _ folder: TrainingFolder, _ output: OutputOptions
  ) throws {
    guard FileManager.default.fileExists(atPath: folder.checkpoint) else {
      return output.note(
        "costcurve: \(folder.checkpoint): no epoch was completed; starting with the first.")
    }
    try Checkpoint.restore(folder.checkpoint, into: training)
  }

  private func train(
    _ training: DatasetTraining, _ folder: TrainingFolder, _ report: TrainingReport,
    _ output: OutputOptions
  ) throws {
    while training.epoch < training.recipe.epochs, !report.hasReached(training) {
      var result: DatasetTraining.EpochResult?
      let time = try ContinuousClock().measure {
        result = try training.runEpoch { Interrupt.wasRequested }
      }
      guard var result else {
        output.note(
          "\(training.epoch) of \(training.recipe.epochs) epochs are complete and saved in "
            + "\(folder.path)/; --resume goes on from there.")
        throw Problem.interrupted
      }
      guard result.loss.isFinite else {
        throw Problem(
          .malformed,
          "the loss of epoch \(training.epoch + 1) is \(result.loss); choose a --learning-rate "
            + "below \(training.recipe.peakRate).")
      }
      result.seconds =
        Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
      try Interrupt.saving {
        training.history.append(result)
        try Checkpoint.write(training, to: folder.checkpoint)
        try folder.writeCurve(training, report)
      }
      output.note(report.line(training))
    }
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
    seed: UInt64
  ) throws -> TrainingRecipe {
    var recipe = TrainingRecipe(
      for: network, epochs: epochs, seed: UInt32(truncatingIfNeeded: seed))
    if Self.isGiven("--batch-size") { recipe.batch = try options.batchSize }
    if Self.isGiven("--learning-rate") { recipe.peakRate = optimizer.learningRate }
    if Self.isGiven("--momentum") { recipe.momentum = optimizer.momentum }
    if Self.isGiven("--weight-decay") { recipe.weightDecay = optimizer.weightDecay }
    guard recipe.batch <= data.train.count else {
      throw Problem(
        .usage,
        "--batch-size \(recipe.batch) is more than the \(data.train.count) training images.")
    }
    return recipe
  }
}
