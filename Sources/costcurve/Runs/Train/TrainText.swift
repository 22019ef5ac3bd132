import Basics
import Economics
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
    let report = TrainingReport(
      training, price: price, engine: engine, threads: threads, target: untilLoss)
    let loop = TrainingLoop(report: report, folder: folder, ranked: nil, output: output)
    if resume { try loop.resume() }
    try loop.train()
    try loop.finish()
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
