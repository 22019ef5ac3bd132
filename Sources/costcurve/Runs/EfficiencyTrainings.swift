import Basics
import Economics
import Foundation
import Kernels
import Models
import Training
import Workloads

/// The trainings of `costcurve efficiency`: several of a network, with seeds one after the other.
struct EfficiencyTrainings {
  var data: FashionMNIST
  var firstSeed: UInt32
  var runs: Int
  var engine: Engine
  var note: (String) -> Void

  /// Trains a network once for each seed, as the report says, until the accuracy.
  ///
  /// - Throws: What the training throws; the interruption.
  func entry(
    of network: Network, in report: EfficiencyReport, year: Int
  ) throws -> EfficiencyReport.Entry {
    var entry = EfficiencyReport.Entry(network: network.name, year: year)
    for offset in 0..<UInt32(runs) {
      var recipe = TrainingRecipe(for: network, epochs: report.epochs, seed: firstSeed &+ offset)
      recipe.batch = report.batchSize
      let training = try DatasetTraining(
        network, data: data, recipe: recipe, pool: ThreadPool(threads: report.threads),
        choose: engine.algorithm(for:direction:))
      entry.flopPerImage = training.directFLOPs(ofSteps: 1).count / Double(report.batchSize)
      entry.runs.append(try reach(training, report))
    }
    return entry
  }

  private func reach(
    _ training: DatasetTraining, _ report: EfficiencyReport
  ) throws -> EfficiencyReport.Run {
    let begin = ContinuousClock.now
    let last = try training.train(
      until: report.untilAccuracy, looksPerEpoch: report.looksPerEpoch,
      shouldStop: { Interrupt.wasRequested },
      note: { note(line($0, training)) })
    guard let last else { throw Problem.interrupted }
    return EfficiencyReport.Run(
      seed: training.recipe.seed, reached: last.accuracy >= report.untilAccuracy,
      epochs: Double(last.steps) / Double(training.stepsPerEpoch), images: last.images,
      flop: last.work.count, top1: last.accuracy,
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }

  private func line(_ look: DatasetTraining.Look, _ training: DatasetTraining) -> String {
    String(
      format: "%@ seed %d: epoch %.2f  loss %.4f  top-1 %.2f %%  %.3g FLOP",
      training.network.name, training.recipe.seed,
      Double(look.steps) / Double(training.stepsPerEpoch), look.loss, 100 * look.accuracy,
      look.work.count)
  }
}
