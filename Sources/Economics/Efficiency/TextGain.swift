import Basics
import Harness

/// How much less work a Transformer takes than LSTMs to one loss of a text, beside what is published
/// about translation.
package struct TextGain: Codable, Hashable, Sendable {
  /// What is said of seq2seq and the Transformer.
  package struct Published: Codable, Hashable, Sendable {
    /// The ratio that the documents state: an ensemble of five over a part of a run.
    package var stated: Double
    /// The same in counted work.
    package var counted: Double
    /// Counted, with one model in place of five.
    package var countedOneModel: Double
  }

  /// Work of the older network over that of the newer: the ratio of the geometric means.
  package var ratio: Double
  /// Over independent runs, wider by a look at each end; null for fewer than two of either, where a run
  /// missed the loss, or where all of a network ended at one evaluation.
  @Nullable package var ratioCi95: [Double]?
  /// The smallest and the largest ratio of one run of each.
  package var ratioRange: [Double]
  /// Runs of the older and of the newer network.
  package var runs: [Int]
  package var published: Published

  /// Compares runs of two networks; nil where either has none that reached the loss.
  ///
  /// - Parameters:
  ///   - older: Operations to the loss of LSTMs.
  ///   - newer: The same of the Transformer.
  ///   - records: Where the claim and the counted work stand.
  /// - Throws: `Problem` where these lack what is needed.
  package init?(older: RunWork, newer: RunWork, records: Records = .builtIn) throws {
    guard let work = WorkRatio(older: older, newer: newer) else { return nil }
    (ratio, ratioRange, runs) = (work.ratio, work.range, work.runs)
    ratioCi95 = work.ci95
    let claim = Claims.audit(try Claims.load(records), records)
      .first { $0.id == "transformer-61x" }
    func value(_ check: String) -> Double? {
      claim?.checks.first { $0.check.id == check }?.value
    }
    guard let stated = claim?.claim.numbers["ratio"]?.value, let counted = value("counted"),
      let one = value("counted-one-model")
    else { throw Problem(.malformed, "the claim 'transformer-61x' lacks its counted work.") }
    published = Published(stated: stated, counted: counted, countedOneModel: one)
  }

  /// What the comparison can show, and what it cannot, in sentences.
  package static let caveats = [
    "It shows: at one loss of one text, how much less arithmetic attention takes than LSTMs of as "
      + "many operations a byte, trained by the same code on one machine.",
    "It does not test the 61x: that compares an ensemble of five LSTMs of 384 million parameters "
      + "with a fifth of a Transformer's run, in translation and by BLEU; these have a million.",
    "Sequences are short and begin with nothing known, which takes from LSTMs what they could "
      + "carry on, and small networks hide what size gains.",
    "Both train with today's optimizer, learning-rate course and initialisation, tuned for "
      + "neither; another loss, text or number of epochs gives another ratio.",
    "Work is counted, not timed: steps of LSTMs wait for one another, so that in time the ratio "
      + "is another one.",
    WorkRatio.caveat,
  ]
}
