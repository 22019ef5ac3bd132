import Economics
import Harness
import Training

/// One network of a comparison, with its trainings to one accuracy or loss.
struct EfficiencyEntry: Encodable {
  /// One training.
  struct Run: Encodable {
    var seed: UInt32
    var reached: Bool
    /// Passes over what is learned from until the accuracy or loss, or the end; rarely a whole number.
    var epochs: Double
    /// Training images seen, or bytes of a text learned from, repeated ones counted again.
    var items: Int
    /// Of the training steps until then, in direct operations.
    var flop: Double
    /// Whether it learned from images, to an accuracy, or from a text, to a loss.
    var measure: TestMeasure
    /// Of the test: top-1, 0 to 1, or the loss of held-out text in nats a byte.
    var result: Double
    /// Of wall-clock time, evaluations included.
    var seconds: Double

    private enum CodingKeys: String, CodingKey {
      case seed, reached, epochs, images, bytes, flop, top1, testLoss, seconds
    }

    /// The result by a measure; nil where that is not the run's.
    func result(by measure: TestMeasure) -> Double? { self.measure == measure ? result : nil }

    /// The items where they are images, or bytes; nil where the run's are the others.
    func items(by measure: TestMeasure) -> Int? { self.measure == measure ? items : nil }

    /// Writes items and result under the names of their kind, and none of the other.
    func encode(to encoder: any Encoder) throws {
      var fields = encoder.container(keyedBy: CodingKeys.self)
      try fields.encode(seed, forKey: .seed)
      try fields.encode(reached, forKey: .reached)
      try fields.encode(epochs, forKey: .epochs)
      try fields.encodeIfPresent(items(by: .accuracy), forKey: .images)
      try fields.encodeIfPresent(items(by: .loss), forKey: .bytes)
      try fields.encode(flop, forKey: .flop)
      try fields.encodeIfPresent(result(by: .accuracy), forKey: .top1)
      try fields.encodeIfPresent(result(by: .loss), forKey: .testLoss)
      try fields.encode(seconds, forKey: .seconds)
    }
  }

  var network: String
  var year: Int
  /// Of one training step on one image; absent for a text.
  var flopPerImage: Double?
  /// Of one training step on one byte; absent for images.
  var flopPerByte: Double?
  /// Of the steps between two evaluations, which those of a run are too many by at most.
  var flopPerLook = 0.0
  var runs: [Run] = []

  /// Whether every run was good enough.
  var isComplete: Bool { runs.allSatisfy(\.reached) }

  /// What the ratio is made of.
  var work: RunWork {
    RunWork(
      reached: runs.filter(\.reached).map(\.flop), look: flopPerLook,
      missed: runs.count { !$0.reached })
  }
}

/// The work to one accuracy, run by run, in numbers and in words.
struct EfficiencyReport: Encodable {
  var schema = "costcurve.efficiency"
  var schemaVersion = 1
  var dataset = "fashion-mnist"
  var untilAccuracy: Double
  var epochs: Int
  var batchSize: Int
  var looksPerEpoch: Int
  var threads: Int
  var engine: String
  var trainImages = 0
  var networks: [EfficiencyEntry] = []
  /// Over the runs that reached the accuracy; null where a network has none.
  @Nullable var gain: AlgorithmicGain?
  var caveats = AlgorithmicGain.caveats
  /// The pair on a text; absent where none was given.
  var texts: TextEfficiency?

  /// Whether every run on images reached the accuracy.
  var isComplete: Bool { networks.allSatisfy(\.isComplete) }

  /// Compares the networks with each other, once all runs are there.
  ///
  /// - Throws: `Problem` where the published counts cannot be read.
  mutating func compare() throws {
    guard let older = networks.first, let newer = networks.last else { return }
    gain = try AlgorithmicGain(older: older.work, newer: newer.work)
  }

  /// What was trained how far.
  var condition: String {
    let parts = (networks.isEmpty ? [] : [imageCondition]) + [texts?.condition].compactMap { $0 }
    return parts.joined(separator: "; ")
  }

  private var imageCondition: String {
    "Operations to \(Units.percent(100 * untilAccuracy)) of the test images, \(dataset), "
      + "\(Units.grouped(trainImages)) training images, batch \(batchSize), at most "
      + "\(Units.count(epochs, "epoch")), evaluated \(Units.count(looksPerEpoch, "time")) an epoch"
  }

  /// The ratio beside what is published, in a few sentences without their points.
  var answer: [String] {
    let images = gain.map(Self.lines) ?? ["No ratio: a network has no run that reached it"]
    return (networks.isEmpty ? [] : images) + (texts?.answer ?? [])
  }

  private static func lines(_ gain: AlgorithmicGain) -> [String] {
    let halving = gain.halvingMonths.map { "a halving every \(Units.number($0)) months" }
    return [
      "Ratio: \(Units.number(gain.ratio))x less from 2012 to 2015, "
        + spread(gain.ratioCi95, gain.ratioRange, gain.runs),
      "Over \(Units.number(gain.months)) months that is \(halving ?? "no halving at all"); a "
        + "halving every \(Units.number(gain.published.halvingMonths)) months gives "
        + "\(Units.number(gain.predictedRatio))x",
      "Published, on ImageNet at AlexNet's accuracy: "
        + "\(Units.number(gain.published.residualRatio))x for ResNet-18, "
        + "\(Units.number(gain.published.wholeRatio))x for EfficientNet-b0 by 2019 (the 44x)",
    ]
  }
}

/// The work to one loss of a text by networks of two years, run by run.
struct TextEfficiency: Encodable {
  var text: TextRecord
  var untilLoss: Double
  var epochs: Int
  var batchSize: Int
  var sequence: Int
  var looksPerEpoch: Int
  var networks: [EfficiencyEntry] = []
  /// Over the runs that reached the loss; null where a network has none.
  @Nullable var gain: TextGain?
  var caveats = TextGain.caveats

  /// Whether every run reached the loss.
  var isComplete: Bool { networks.allSatisfy(\.isComplete) }

  /// What was trained how far.
  var condition: String {
    "Operations to \(Units.number(untilLoss)) nats a byte of held-out text, \(text.words), batch "
      + "\(batchSize) of \(sequence) bytes, at most \(Units.count(epochs, "epoch")), evaluated "
      + "\(Units.count(looksPerEpoch, "time")) an epoch"
  }

  /// The ratio beside what is published, in sentences without their points.
  var answer: [String] {
    guard let gain else { return ["No ratio on the text: a network has no run that reached it"] }
    return [
      "LSTM over Transformer on the text: \(Units.ratio(gain.ratio)), "
        + spread(gain.ratioCi95, gain.ratioRange, gain.runs),
      "The documents state \(Units.number(gain.published.stated))x in translation",
      "Counted, that is \(Units.ratio(gain.published.counted)) with five models and "
        + "\(Units.ratio(gain.published.countedOneModel)) with one",
    ]
  }
}

/// How far single runs are apart, behind a ratio.
private func spread(_ ci95: [Double]?, _ range: [Double], _ runs: [Int]) -> String {
  func ends(_ values: [Double]) -> String {
    "[\(values.map { Units.number($0) }.joined(separator: ", "))]"
  }
  let interval = ci95.map { "95 % interval \(ends($0)), " } ?? ""
  return "\(interval)single runs \(ends(range)), n = \(runs[0]) and \(runs[1])"
}
