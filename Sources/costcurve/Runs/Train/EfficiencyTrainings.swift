import Basics
import Economics
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
  var epochs: Int
  var looks: Int
  var threads: Int
  var engine: Engine
  var note: (String) -> Void

  /// The networks that are compared on images, the older first, with the year that each stands for.
  private static let imageNetworks = [(SmallAlexNet.name, 2012), ("resnet20", 2015)]
  /// The same on a text.
  private static let textNetworks = [(ByteLSTM().name, 2014), (GPT2.bytes.name, 2017)]

  /// Trains the networks for images, compares them and keeps the result in the report.
  ///
  /// - Throws: Images that cannot be had, too large a batch, what training throws.
  func add(to report: inout EfficiencyReport, on images: DatasetOptions) throws {
    let contestants = try Self.imageNetworks.map { name, year in
      (network: try Network.named(name, classes: FashionMNIST.classes), year: year)
    }
    let data = try images.read(for: contestants.map(\.network))
    let (count, batch) = (data.train.count, report.batchSize)
    guard batch <= count else {
      throw Problem(.usage, "--batch-size \(batch) is more than the \(count) training images.")
    }
    report.trainImages = count
    for (network, year) in contestants {
      let entry = try entry(network, year, until: report.untilAccuracy) { seed -> DatasetTraining in
        var recipe = TrainingRecipe(for: network, epochs: epochs, seed: seed)
        recipe.batch = batch
        return try DatasetTraining(
          network, data: data, recipe: recipe, pool: ThreadPool(threads: threads),
          choose: engine.algorithm(for:direction:))
      }
      report.networks.append(entry)
    }
    try report.compare()
  }

  /// Trains the networks for texts and compares them.
  ///
  /// - Parameters:
  ///   - path: Of the text.
  ///   - untilLoss: Of held-out text, in nats a byte.
  /// - Returns: All runs and the ratio.
  /// - Throws: A text that cannot be had, what training throws; the interruption.
  func report(on path: String, untilLoss: Double) throws -> TextEfficiency {
    let text = try ByteText(path: path)
    let usual = TextRecipe(epochs: epochs)
    try text.refuse(batch: usual.batch, tokens: usual.tokens)
    var report = TextEfficiency(
      text: TextRecord(text, usual), untilLoss: untilLoss, epochs: epochs, batchSize: usual.batch,
      sequence: usual.tokens, looksPerEpoch: looks)
    for (name, year) in Self.textNetworks {
      let network = try Network.named(name)
      let entry = try entry(network, year, until: untilLoss) { seed -> TextTraining in
        var recipe = usual
        recipe.seed = seed
        return try TextTraining(
          network, text: text, recipe: recipe, pool: ThreadPool(threads: threads),
          choose: engine.algorithm(for:direction:))
      }
      report.networks.append(entry)
    }
    if let older = report.networks.first, let newer = report.networks.last {
      report.gain = try TextGain(older: older.work, newer: newer.work)
    }
    return report
  }

  /// Trains a network once for each seed, until the target.
  ///
  /// - Throws: What the training throws; the interruption.
  private func entry<Subject: EpochTraining>(
    _ network: Network, _ year: Int, until target: Double,
    _ make: (_ seed: UInt32) throws -> Subject
  ) throws -> EfficiencyEntry {
    var entry = EfficiencyEntry(network: network.name, year: year)
    for offset in 0..<UInt32(runs) {
      let training = try make(firstSeed &+ offset)
      let flop = training.directFLOPs(ofSteps: 1).count / Double(training.itemsPerStep)
      switch Subject.measure {
      case .accuracy: entry.flopPerImage = flop
      case .loss: entry.flopPerByte = flop
      }
      entry.flopPerLook = training.directFLOPs(ofSteps: training.mostSteps(ofALookIn: looks)).count
      entry.runs.append(try reach(target, training))
    }
    return entry
  }

  private func reach<Subject: EpochTraining>(
    _ target: Double, _ training: Subject
  ) throws -> EfficiencyEntry.Run {
    let begin = ContinuousClock.now
    let last = try training.train(
      until: target, looksPerEpoch: looks, shouldStop: { Interrupt.wasRequested },
      note: { note(line($0, training)) })
    guard let last else { throw Problem.interrupted }
    return EfficiencyEntry.Run(
      seed: training.recipe.seed, reached: Subject.measure.reaches(target, last.test),
      epochs: Double(last.steps) / Double(training.stepsPerEpoch), items: last.items,
      flop: last.work.count, measure: Subject.measure, result: last.test,
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }

  private func line<Subject: EpochTraining>(
    _ look: TrainingLook, _ training: Subject
  ) -> String {
    "\(training.network.name) seed \(training.recipe.seed): "
      + "epoch \(Units.number(Double(look.steps) / Double(training.stepsPerEpoch)))  "
      + "\(Subject.measure.progress(loss: look.loss, test: look.test))  "
      + Units.flop(look.work.count)
  }
}
