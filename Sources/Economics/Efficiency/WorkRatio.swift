import Foundation
import Harness

/// The work of one network's runs to one goal.
package struct RunWork: Hashable, Sendable {
  /// Direct operations of each run that reached it, until the evaluation that found so; above 0.
  package var reached: [Double]
  /// Operations between two evaluations, which those of a run are too many by at most.
  package var look: Double
  /// Runs that did not reach it.
  package var missed: Int

  package init(reached: [Double], look: Double, missed: Int = 0) {
    (self.reached, self.look, self.missed) = (reached, look, missed)
  }

  /// The geometric mean; not a number where no run reached the goal.
  var mean: Double { Self.mean(reached) }

  /// What is left of the mean if each run reached the goal right after the evaluation before; 0 where
  /// one had none before.
  var leastShare: Double {
    guard reached.allSatisfy({ $0 > look }) else { return 0 }
    return Self.mean(reached.map { $0 - look }) / mean
  }

  /// Whether the runs ended at several evaluations: at one alone they differ by less than a look, which
  /// their spread of 0 does not show.
  var hasSpread: Bool { Set(reached).count > 1 }

  private static func mean(_ values: [Double]) -> Double {
    exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }
}

/// Work of an older network over that of a newer one, over several runs of each.
struct WorkRatio {
  /// Of the geometric means of the runs that reached the goal.
  let ratio: Double
  /// Over independent runs, wider by a look at each end; nil for fewer than two of either, where one
  /// missed the goal or reached it at its first evaluation, or where all of a side ended at one.
  let ci95: [Double]?
  /// The smallest and the largest ratio of one run of each.
  let range: [Double]
  /// Of the older and of the newer network.
  let runs: [Int]

  /// What it rests on, in sentences, for whoever reports it.
  static let caveat =
    "A run's work is rounded up to the next evaluation, and the interval is wider by that at each "
    + "end. Runs that missed the goal are left out of the ratio; where one did, or where all of a "
    + "network ended at the same evaluation, there is no interval."

  /// Compares the runs of two networks; nil where either has none that reached the goal.
  init?(older: RunWork, newer: RunWork) {
    guard let least = older.reached.min(), let most = older.reached.max(),
      let few = newer.reached.min(), let many = newer.reached.max()
    else { return nil }
    ratio = older.mean / newer.mean
    ci95 = Self.interval(older, newer)
    range = [least / many, most / few]
    runs = [older.reached.count, newer.reached.count]
  }

  private static func interval(_ older: RunWork, _ newer: RunWork) -> [Double]? {
    let (above, below) = (older.leastShare, newer.leastShare)
    guard older.missed == 0, newer.missed == 0, older.hasSpread, newer.hasSpread, above > 0,
      below > 0, let ends = Welch.ratio(older.reached, newer.reached, confidence: 0.95)
    else { return nil }
    return [ends.low * above, ends.high / below]
  }
}
