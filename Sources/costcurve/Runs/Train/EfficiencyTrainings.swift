import Basics
import Foundation
import Harness
import Kernels
import Models
import Training
import Workloads

/// The trainings of `costcurve efficiency`: several of a network, with seeds one after the other.
struct EfficiencyTrainings {
  var firstSeed: UInt32
  var runs: Int
  var engine: Engine
  var note: (String) -> Void

  /// The networks that are compared, oldest first, with the year that each stands for.
  private static let contestants = [(SmallAlexNet.name, 2012), ("resnet20", 2015)]

  /// Trains every network, compares them and keeps the result in the report.
  ///
  /// - Throws: Images that cannot be had, too large a batch, what training throws.
  func add(to report: inout EfficiencyReport, on images: DatasetOptions) throws {
    let contestants = try Self.contestants.map { name, year in
      (network: try Network.named(name, classes: FashionMNIST.classes), year: year)
    }
    let data = try images.read(for: contestants.map(\.network))
    let count = data.train.count
    guard report.batchSize <= count else {
      throw Problem(
        .usage, "--batch-size \(report.batchSize) is more than the \(count) training images.")
    }
    report.trainImages = count
    for (network, year) in contestants {
      report.networks.append(try entry(of: network, year, on: data, in: report))
    }
    try report.compare()
  }

  /// Trains a network once for each seed, as the report says, until the accuracy.
  ///
  /// - Throws: What the training throws; the interruption.
  private func entry(
    of network: Network, _ year: Int, on data: FashionMNIST, in report: EfficiencyReport
  ) throws -> EfficiencyReport.Entry {
    var entry = EfficiencyReport.Entry(network: network.name, year: year)
    for offset in 0..<UInt32(runs) {
      var recipe = TrainingRecipe(for: network, epochs: report.epochs, seed: firstSeed &+ offset)
      recipe.batch = report.batchSize
      let training = try DatasetTraining(
        network, data: data, recipe: recipe, pool: ThreadPool(threads: report.threads),
        choose: engine.algorithm(for:direction:))
      entry.flopPerImage = training.directFLOPs(ofSteps: 1).count / Double(report.batchSize)
      let steps = training.mostSteps(ofALookIn: report.looksPerEpoch)
      entry.flopPerLook = training.directFLOPs(ofSteps: steps).count
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
      seed: training.recipe.seed, reached: last.test >= report.untilAccuracy,
      epochs: Double(last.steps) / Double(training.stepsPerEpoch), images: last.items,
      flop: last.work.count, top1: last.test,
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }

  private func line(_ look: TrainingLook, _ training: DatasetTraining) -> String {
    "\(training.network.name) seed \(training.recipe.seed): "
      + "epoch \(Units.number(Double(look.steps) / Double(training.stepsPerEpoch)))  "
      + "loss \(Units.number(look.loss))  top-1 \(Units.percent(100 * look.test, digits: 4))  "
      + Units.flop(look.work.count)
  }
}
