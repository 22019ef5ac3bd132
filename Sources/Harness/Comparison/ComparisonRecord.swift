import Basics
import Foundation

/// What a comparison leaves behind; schema `costcurve.comparison`.
package struct ComparisonRecord: Codable, Hashable, Sendable {
  package var schema = "costcurve.comparison"
  package var schemaVersion = 1
  package var context: Context
  /// What the comparison could not establish; absent in records of earlier versions.
  package var validity: RunValidity?
  /// Names of arm A, arm B and the peers, in that order.
  package var arms: [String]
  package var seed: UInt64
  /// Whether a difference had to be confirmed by a second set of fresh processes; null in records
  /// of versions that confirmed some only.
  @Nullable package var confirms: Bool?
  package var cases: [Case]
  package var summary: Summary

  package init(
    context: Context, arms: [String], seed: UInt64, cases: [Case], confirms: Bool = true
  ) {
    self.context = context
    self.arms = arms
    self.seed = seed
    _confirms = Nullable(wrappedValue: confirms)
    self.cases = cases
    summary = Summary(cases, confirms: confirms)
    validity = RunValidity(of: self)
  }

  package struct Case: Codable, Hashable, Sendable {
    /// Id of the case without its engine where the arms are engines, else the whole id.
    package var id: String
    package var verdict: Verdict
    /// B's time per call over A's; above 1 B is slower.
    @Nullable package var ratio: Double?
    @Nullable package var ci99: [Double]?
    package var reason: String
    @Nullable package var control: Control?
    /// The smallest ratio that counts, as a share.
    package var margin: Double
    /// True where the interval rests on one process.
    package var provisional: Bool
    /// One-sided p value of B being no slower than the margin allows, of both sets where two agree
    /// on SLOWER; null without an interval.
    @Nullable package var pSlower: Double?
    /// The same after Holm's correction over the cases.
    @Nullable package var pHolm: Double?
    /// Whether a second set of fresh processes said the same again; null where none claimed a
    /// difference.
    @Nullable package var confirmed: Bool?
    /// SLOWER, significant among all cases, and confirmed.
    package var regression: Bool
    /// Whether both arms gave right answers.
    package var correctness: CaseRecord.Correctness.Status
    /// Geometric means over processes of the medians, nanoseconds per call.
    @Nullable package var aNs: Double?
    @Nullable package var bNs: Double?
    package var processCount: Int
    package var pairCount: Int
    package var cleanPercent: Double
    /// Steal during the case, in percent of the CPU time.
    @Nullable package var stealPercent: Double?
    package var peers: [Peer]
    /// The paired times of every process of the last set.
    package var processes: [PairedBlocks]
    /// The sets before the last, in order; empty or null where the first settled it.
    @Nullable package var earlierSets: [EarlierSet]?
    package var `repeat`: String
  }

  /// A set of rounds that left the case open.
  package struct EarlierSet: Codable, Hashable, Sendable {
    package var verdict: Verdict
    @Nullable package var ratio: Double?
    @Nullable package var ci99: [Double]?
    package var reason: String
    package var processes: [PairedBlocks]
  }

  /// The same code again, with buffers and a process of its own.
  package struct Control: Codable, Hashable, Sendable {
    package var verdict: Verdict
    package var ratio: Double
    package var ci99: [Double]
  }

  /// A further arm, compared with A in the same blocks.
  package struct Peer: Codable, Hashable, Sendable {
    package var name: String
    package var verdict: Verdict
    @Nullable package var ratio: Double?
    @Nullable package var ci99: [Double]?
    package var reason: String
  }

  package struct Summary: Codable, Hashable, Sendable {
    /// Geometric mean of the ratios of the cases that have one.
    @Nullable package var geometricMeanRatio: Double?
    package var verdicts: [String: Int]
    /// False SLOWER verdicts to be expected if nothing differed, at the confidence in force.
    package var expectedFalseFlags: Double

    init(_ cases: [Case], confirms: Bool) {
      let ratios = cases.compactMap(\.ratio)
      _geometricMeanRatio = Nullable(
        wrappedValue: ratios.isEmpty ? nil : Harness.Summary.geometricMean(ratios))
      verdicts = Dictionary(grouping: cases, by: \.verdict.rawValue).mapValues(\.count)
      // Half of 1 % for a set; confirmed, for both sets of any of three pairs.
      expectedFalseFlags = (confirms ? 3 * 0.005 * 0.005 : 0.005) * Double(cases.count)
    }
  }

  /// What beside a regression ends with an exit code of its own.
  package enum FailOn: String, Codable, Hashable, Sendable, CaseIterable {
    case improvement, inconclusive, unstable
  }

  /// What the comparison ends with: a wrong answer, a regression, then what was asked for; nil where
  /// there is nothing to tell.
  package func problem(failOn: Set<FailOn> = []) -> Problem.Kind? {
    if cases.isEmpty { return .caseFailed }
    if cases.contains(where: { $0.correctness == .failed }) { return .wrongAnswer }
    if cases.contains(where: \.regression) { return .regression }
    let has: (Verdict) -> Bool = { verdict in cases.contains { $0.verdict == verdict } }
    if failOn.contains(.unstable), has(.unstable) { return .unstable }
    if failOn.contains(.inconclusive), has(.inconclusive) { return .unstable }
    if failOn.contains(.improvement), !improvements.isEmpty { return .improvement }
    return nil
  }

  /// The cases that are FASTER, and confirmed where that was asked for.
  package var improvements: [Case] {
    cases.filter { $0.verdict == .faster && $0.confirmed != false }
  }

  /// Corrects the cases' p values for their number and marks the regressions.
  ///
  /// - Parameter alpha: The chance of any false regression that is allowed.
  package mutating func settle(alpha: Double = 0.05) {
    let adjusted = Multiplicity.holm(cases.map { $0.pSlower ?? 1 })
    for index in cases.indices {
      let known = cases[index].pSlower != nil
      cases[index].pHolm = known ? adjusted[index] : nil
      cases[index].regression =
        cases[index].verdict == .slower && cases[index].confirmed != false
        && (!known || adjusted[index] <= alpha)
    }
    summary = Summary(cases, confirms: confirms ?? false)
    validity = RunValidity(of: self)
  }
}
