import Economics
import Harness

/// The work to one accuracy, run by run, in numbers and in words.
struct EfficiencyReport: Encodable {
  /// One training.
  struct Run: Encodable {
    var seed: UInt32
    var reached: Bool
    var epochs: Double
    /// Training images seen, repeated ones counted again.
    var images: Int
    /// In direct operations, until the accuracy or the end.
    var flop: Double
    var top1: Double
    var seconds: Double
  }

  /// One network.
  struct Entry: Encodable {
    var network: String
    var year: Int
    /// Of one training step on one image.
    var flopPerImage = 0.0
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
  var networks: [Entry] = []
  /// Over the runs that reached the accuracy; null where a network has none.
  @Nullable var gain: AlgorithmicGain?
  var caveats = AlgorithmicGain.caveats
  /// The pair on a text; absent where none was given.
  var texts: TextEfficiency?

  /// Whether every run on images reached the accuracy.
  var isComplete: Bool { networks.allSatisfy { $0.runs.allSatisfy(\.reached) } }

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
    func ends(_ values: [Double]) -> String {
      "[\(values.map { Units.number($0) }.joined(separator: ", "))]"
    }
    let interval = gain.ratioCi95.map { "95 % interval \(ends($0)), " } ?? ""
    let halving = gain.halvingMonths.map { "a halving every \(Units.number($0)) months" }
    return [
      "Ratio: \(Units.number(gain.ratio))x less from 2012 to 2015, \(interval)single runs "
        + "\(ends(gain.ratioRange)), n = \(gain.runs[0]) and \(gain.runs[1])",
      "Over \(Units.number(gain.months)) months that is \(halving ?? "no halving at all"); a "
        + "halving every \(Units.number(gain.published.halvingMonths)) months gives "
        + "\(Units.number(gain.predictedRatio))x",
      "Published, on ImageNet at AlexNet's accuracy: "
        + "\(Units.number(gain.published.residualRatio))x for ResNet-18, "
        + "\(Units.number(gain.published.wholeRatio))x for EfficientNet-b0 by 2019 (the 44x)",
    ]
  }
}
