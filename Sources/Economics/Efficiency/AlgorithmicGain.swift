import Basics
import Foundation
import Harness

/// How much less work a newer network takes to one accuracy, beside what is published about that.
///
/// The measure is that of Hernandez and Brown, "Measuring the Algorithmic Efficiency of Neural
/// Networks" (2020), arXiv:2005.04305: training operations until an older network's accuracy.
package struct AlgorithmicGain: Codable, Hashable, Sendable {
  /// What the published counts say of the same two years.
  package struct Published: Codable, Hashable, Sendable {
    /// From AlexNet to EfficientNet-b0 on ImageNet.
    package var wholeRatio: Double
    package var wholeFrom: Day
    package var wholeTo: Day
    /// From AlexNet to ResNet-18 on ImageNet.
    package var residualRatio: Double
    package var halvingMonths: Double
  }

  /// Work of the older network over that of the newer: the ratio of the geometric means.
  package var ratio: Double
  /// Over independent runs, wider by a look at each end; null for fewer than two of either, where a run
  /// missed the accuracy, or where all of a network ended at one evaluation.
  @Nullable package var ratioCi95: [Double]?
  /// The smallest and the largest ratio of one run of each.
  package var ratioRange: [Double]
  /// Runs of the older and of the newer network.
  package var runs: [Int]
  /// Months from AlexNet to ResNet, by the dates of the published table.
  package var months: Double
  /// Months in which the work halved between them; null where it did not shrink.
  @Nullable package var halvingMonths: Double?
  /// What a halving every 16 months gives over these months.
  package var predictedRatio: Double
  package var published: Published

  /// Compares runs of two networks; nil where either has none that reached the accuracy.
  ///
  /// - Parameters:
  ///   - older: Operations to the accuracy of the network of 2012.
  ///   - newer: The same of the network of 2015.
  ///   - records: Where dates and published counts stand.
  /// - Throws: `Problem` where a table lacks what is needed.
  package init?(older: RunWork, newer: RunWork, records: Records = .builtIn) throws {
    guard let work = WorkRatio(older: older, newer: newer) else { return nil }
    (ratio, ratioRange, runs) = (work.ratio, work.range, work.runs)
    ratioCi95 = work.ci95
    let curve = try Curve.named("efficiency-16mo", in: records)
    let alexNet = try Self.row("AlexNet", "AlexNet", records)
    let residual = try Self.row("ResNet-50", "ResNet-50", records)
    let last = try Self.row("AlexNet", "EfficientNet (b0)", records)
    months = alexNet.day.months(to: residual.day)
    halvingMonths = ratio > 1 ? months / log2(ratio) : nil
    predictedRatio = curve.value(at: residual.day).value / curve.value(at: alexNet.day).value
    let counts = try records.table("openai_ai_and_efficiency_table3")
    guard let row = counts.rows.indices.first(where: { counts.text($0, "model") == "ResNet-18" }),
      let residualRatio = counts.number(row, "efficiency_factor_vs_alexnet")
    else { throw Problem(.malformed, "\(counts.name).csv lacks the factor of ResNet-18.") }
    published = Published(
      wholeRatio: last.ratio, wholeFrom: alexNet.day, wholeTo: last.day,
      residualRatio: residualRatio, halvingMonths: curve.doublingMonths)
  }

  private static func row(
    _ level: String, _ model: String, _ records: Records
  ) throws -> (day: Day, ratio: Double) {
    let table = try records.table("openai_efficiency_sota")
    let row = table.rows.indices.first {
      table.text($0, "target").hasPrefix(level + "-level") && table.text($0, "model") == model
    }
    guard let row, let day = table.day(row, "date"),
      let ratio = table.number(row, "reduction_recomputed")
    else { throw Problem(.malformed, "\(table.name).csv lacks \(model) at \(level) level.") }
    return (day, ratio)
  }

  /// What the comparison can show, and what it cannot, in sentences.
  package static let caveats = [
    "It shows: at one accuracy on one small data set, how much less arithmetic a residual network "
      + "of 2015 takes than a convolutional one of 2012, trained by the same code on one machine.",
    "It does not show a rate of progress: two networks are two points, scaled down here, and a "
      + "halving time through two points has no error of its own.",
    "It does not test the 44x: that runs to 2019, on ImageNet, at AlexNet's own accuracy.",
    "Both train with today's optimizer, learning-rate course and initialisation, so what was "
      + "gained in training methods after 2012 is given to both and does not count.",
    "The course's length is the same for both and was tuned for neither; another accuracy or "
      + "another number of epochs gives another ratio.",
    WorkRatio.caveat,
  ]
}
