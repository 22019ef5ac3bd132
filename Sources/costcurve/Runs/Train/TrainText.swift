import Basics
import Economics
import Foundation
import Harness
import Kernels
import Models
import Programs
import Training
import Workloads

/// Training on the bytes of a text to a loss: `train --text FILE`.
extension TrainDataset {
  /// Trains to the last epoch or the loss asked for, a checkpoint an epoch.
  ///
  /// - Throws: Bad input with its exit code; 1 when the loss was not reached; 130 after an
  ///   interruption, the last complete epoch being safe.
  func runText(
    _ options: NetworkOptions, _ arrays: TrainArrays, sequence: Int?, threads: Int, seed: UInt64,
    quietWait: QuietWait?, price: Price, output: OutputOptions
  ) throws {
    guard let path = text else { return }
    let engine = try options.resolvedEngine()
    let network = try Network.named(options.network ?? GPT2.bytes.name)
    try network.refuseText()
    let recipe = try textRecipe(options, arrays, network, sequence, seed: seed)
    let bytes = try ByteText(path: path)
    try bytes.refuse(batch: recipe.batch, tokens: recipe.tokens)
    try MemoryEstimate.sequenceTraining(
      network, batch: recipe.batch, tokens: recipe.tokens, threads: threads
    ).refuseIfTooLarge(for: "--batch-size \(recipe.batch)", remedy: "choose a smaller batch")
    output.waitForQuiet(quietWait)
    let folder = try self.folder(network, seed: recipe.seed)
    let training = try TextTraining(
      network, text: bytes, recipe: recipe, pool: ThreadPool(threads: threads),
      choose: engine.algorithm(for:direction:))
    if resume {
      if FileManager.default.fileExists(atPath: folder.checkpoint) {
        try TextCheckpoint.restore(folder.checkpoint, into: training)
      } else {
        output.note(
          "costcurve: \(folder.checkpoint): no epoch was completed; starting with the first.")
      }
    }
    let report = TextTrainingReport(
      price: price, engine: engine, threads: threads, target: untilLoss)
    try train(training, folder, report, output)
    // A run that was killed between its last checkpoint and this line has no epoch left to do it.
    try Interrupt.saving {
      try folder.writeCurve(training)
      try training.state.write(to: folder.weights)
      try output.emit(
        report.document(training, folder.path), json: report.summary(training),
        csv: report.csv(training))
    }
    if let untilLoss, !report.hasReached(training) {
      throw Problem(
        .malformed,
        "the loss \(untilLoss) was not reached in \(Units.count(training.epoch, "epoch")); "
          + TrainDataset.moreEpochs)
    }
  }

  private func train(
    _ training: TextTraining, _ folder: TrainingFolder, _ report: TextTrainingReport,
    _ output: OutputOptions
  ) throws {
    while training.epoch < training.recipe.epochs, !report.hasReached(training) {
      var result: TextTraining.EpochResult?
      let time = try ContinuousClock().measure {
        result = try training.runEpoch { Interrupt.wasRequested }
      }
      guard var result else {
        output.note(
          "\(training.epoch) of \(training.recipe.epochs) epochs are complete and saved in "
            + "\(folder.path)/; --resume goes on from there.")
        throw Problem.interrupted
      }
      guard result.loss.isFinite, result.testLoss.isFinite else {
        throw Problem(
          .malformed,
          "the loss of epoch \(training.epoch + 1) is \(result.testLoss); choose a "
            + "--learning-rate below \(training.recipe.peakRate).")
      }
      result.seconds = time / .seconds(1)
      try Interrupt.saving {
        training.history.append(result)
        try TextCheckpoint.write(training, to: folder.checkpoint)
        try folder.writeCurve(training)
      }
      output.note(report.line(training))
    }
  }

  private func textRecipe(
    _ options: NetworkOptions, _ arrays: TrainArrays, _ network: Network, _ sequence: Int?,
    seed: UInt64
  ) throws -> TextRecipe {
    if Self.isGiven("--momentum") {
      throw Problem(.usage, "--momentum is for SGD; texts are learned by AdamW, so leave it out.")
    }
    var recipe = TextRecipe(
      tokens: sequence ?? network.usualInputSize, epochs: epochs,
      seed: UInt32(truncatingIfNeeded: seed))
    try network.refuse(inputSize: recipe.tokens)
    if Self.isGiven("--batch-size") { recipe.batch = try options.batchSize }
    if Self.isGiven("--learning-rate") { recipe.peakRate = Double(arrays.learningRate) }
    if Self.isGiven("--weight-decay") { recipe.weightDecay = Double(arrays.weightDecay) }
    return recipe
  }
}
