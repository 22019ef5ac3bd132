import Basics
import Economics
import Harness
import Kernels
import Models
import Training
import Workloads

/// The work to one loss of a text by networks of two years, run by run.
struct TextEfficiency: Encodable {
  /// One training.
  struct Run: Encodable {
    var seed: UInt32
    var reached: Bool
    var epochs: Double
    /// Bytes learned from, repeated ones counted again.
    var bytes: Int
    /// In direct operations, until the loss or the end.
    var flop: Double
    /// Of unseen text, in nats a byte.
    var testLoss: Double
    var seconds: Double
  }

  /// One network.
  struct Entry: Encodable {
    var network: String
    var year: Int
    /// Of one training step on one byte.
    var flopPerByte = 0.0
    /// Of the steps between two evaluations, which those of a run are too many by at most.
    var flopPerLook = 0.0
    var runs: [Run] = []

    /// What the ratio is made of.
    var work: RunWork {
      RunWork(
        reached: runs.filter(\.reached).map(\.flop), look: flopPerLook,
        missed: runs.count { !$0.reached })
    }
  }

  var text: TextRecord
  var untilLoss: Double
  var epochs: Int
  var batchSize: Int
  var sequence: Int
  var looksPerEpoch: Int
  var networks: [Entry] = []
  /// Over the runs that reached the loss; null where a network has none.
  @Nullable var gain: TextGain?
  var caveats = TextGain.caveats

  /// Whether every run reached the loss.
  var isComplete: Bool { networks.allSatisfy { $0.runs.allSatisfy(\.reached) } }

  /// What was trained how far.
  var condition: String {
    "Operations to \(Units.number(untilLoss)) nats a byte of unseen text, \(text.words), batch "
      + "\(batchSize) of \(sequence) bytes, at most \(Units.count(epochs, "epoch")), evaluated "
      + "\(Units.count(looksPerEpoch, "time")) an epoch"
  }

  /// The ratio beside what is published, in sentences without their points.
  var answer: [String] {
    guard let gain else { return ["No ratio on the text: a network has no run that reached it"] }
    func ends(_ values: [Double]) -> String {
      "[\(values.map { Units.number($0) }.joined(separator: ", "))]"
    }
    let interval = gain.ratioCi95.map { "95 % interval \(ends($0)), " } ?? ""
    return [
      "LSTM over Transformer on the text: \(Units.ratio(gain.ratio)), \(interval)single runs "
        + "\(ends(gain.ratioRange)), n = \(gain.runs[0]) and \(gain.runs[1])",
      "The documents state \(Units.number(gain.published.stated))x in translation",
      "Counted, that is \(Units.ratio(gain.published.counted)) with five models and "
        + "\(Units.ratio(gain.published.countedOneModel)) with one",
    ]
  }
}

/// The trainings of `costcurve efficiency --text`: several of a network, with seeds one after the other.
struct EfficiencyTexts {
  var firstSeed: UInt32
  var runs: Int
  var epochs: Int
  var looks: Int
  var threads: Int
  var engine: Engine
  var note: (String) -> Void

  /// The networks that are compared, the older first, with the year that each stands for.
  private static let contestants = [(ByteLSTM().name, 2014), (GPT2.bytes.name, 2017)]

  /// Trains both networks and compares them.
  ///
  /// - Parameters:
  ///   - path: Of the text.
  ///   - untilLoss: Of unseen text, in nats a byte.
  /// - Returns: All runs and the ratio.
  /// - Throws: A text that cannot be had, what training throws; the interruption.
  func report(on path: String, untilLoss: Double) throws -> TextEfficiency {
    let text = try ByteText(path: path)
    let recipe = TextRecipe(epochs: epochs)
    try text.refuse(batch: recipe.batch, tokens: recipe.tokens)
    var report = TextEfficiency(
      text: TextRecord(text, recipe), untilLoss: untilLoss, epochs: epochs, batchSize: recipe.batch,
      sequence: recipe.tokens, looksPerEpoch: looks)
    for (name, year) in Self.contestants {
      report.networks.append(
        try entry(of: Network.named(name), year, on: text, recipe, untilLoss: untilLoss))
    }
    if let older = report.networks.first, let newer = report.networks.last {
      report.gain = try TextGain(older: older.work, newer: newer.work)
    }
    return report
  }

  private func entry(
    of network: Network, _ year: Int, on text: ByteText, _ recipe: TextRecipe, untilLoss: Double
  ) throws -> TextEfficiency.Entry {
    var entry = TextEfficiency.Entry(network: network.name, year: year)
    for offset in 0..<UInt32(runs) {
      var recipe = recipe
      recipe.seed = firstSeed &+ offset
      let training = try TextTraining(
        network, text: text, recipe: recipe, pool: ThreadPool(threads: threads),
        choose: engine.algorithm(for:direction:))
      entry.flopPerByte =
        training.directFLOPs(ofSteps: 1).count / Double(recipe.batch * recipe.tokens)
      entry.flopPerLook = training.directFLOPs(ofSteps: training.mostSteps(ofALookIn: looks)).count
      entry.runs.append(try reach(untilLoss, training))
    }
    return entry
  }

  private func reach(_ target: Double, _ training: TextTraining) throws -> TextEfficiency.Run {
    let begin = ContinuousClock.now
    let last = try training.train(
      until: target, looksPerEpoch: looks, shouldStop: { Interrupt.wasRequested },
      note: { note(line($0, training)) })
    guard let last else { throw Problem.interrupted }
    return TextEfficiency.Run(
      seed: training.recipe.seed, reached: last.test <= target,
      epochs: Double(last.steps) / Double(training.stepsPerEpoch), bytes: last.items,
      flop: last.work.count, testLoss: last.test,
      seconds: (ContinuousClock.now - begin) / .seconds(1))
  }

  private func line(_ look: TrainingLook, _ training: TextTraining) -> String {
    "\(training.network.name) seed \(training.recipe.seed): "
      + "epoch \(Units.number(Double(look.steps) / Double(training.stepsPerEpoch)))  "
      + "loss \(Units.number(look.loss))  unseen \(Units.number(look.test, digits: 4))  "
      + Units.flop(look.work.count)
  }
}
