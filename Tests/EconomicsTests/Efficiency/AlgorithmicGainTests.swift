import Economics
import Foundation
import Testing

/// The work to one accuracy by two networks, beside the published counts.
@Suite struct AlgorithmicGainTests {
  /// Runs of the networks whose geometric means are 4 and 1, each with its look, in 10^15 operations.
  private static func gain(
    newer: [Double] = [1, 2.0.squareRoot(), 0.5.squareRoot()], looks: (Double, Double) = (0, 0),
    missed: (Int, Int) = (0, 0)
  ) throws -> AlgorithmicGain {
    try #require(
      try AlgorithmicGain(
        older: RunWork(reached: [8e15, 2e15, 4e15], look: 1e15 * looks.0, missed: missed.0),
        newer: RunWork(reached: newer.map { 1e15 * $0 }, look: 1e15 * looks.1, missed: missed.1)))
  }

  /// The logarithms are ln 4 and ln 4 ± ln 2, and half of that around 0: squared errors ln² 2 / 3 and
  /// ln² 2 / 12, together 5 / 12; (5/12)² / ((1/9 + 1/144) / 2) are 2.941176 degrees of freedom, of
  /// which t is 3.2187586.
  private static let half = 3.218_758_6 * log(2) * (5.0 / 12).squareRoot()

  @Test func comparesGeometricMeans() throws {
    let gain = try Self.gain()
    #expect(abs(gain.ratio - 4) < 1e-12)
    #expect(abs(gain.ratioRange[0] - 2.0.squareRoot()) < 1e-12)
    #expect(abs(gain.ratioRange[1] - 8 * 2.0.squareRoot()) < 1e-12)
    #expect(gain.runs == [3, 3])
    let interval = try #require(gain.ratioCi95)
    #expect(abs(interval[0] - 4 * exp(-Self.half)) < 1e-5)
    #expect(abs(interval[1] - 4 * exp(Self.half)) < 1e-3)
    #expect(abs(try #require(gain.halvingMonths) - gain.months / 2) < 1e-9)
  }

  /// Each run may have been there right after the evaluation before: the older ones at 7.75, 1.75 and
  /// 3.75, of which the product is 50.859375, and the newer ones at a half of what they are.
  @Test func theIntervalIsWiderByALookAtEachEnd() throws {
    let older = try #require(try Self.gain(looks: (0.25, 0)).ratioCi95)
    #expect(abs(older[0] - exp(-Self.half) * pow(50.859_375, 1 / 3.0)) < 1e-5)
    #expect(abs(older[1] - 4 * exp(Self.half)) < 1e-3)
    let newer = try #require(try Self.gain(newer: [3, 2, 1.5], looks: (0, 1)).ratioCi95)
    let plain = try #require(try Self.gain(newer: [3, 2, 1.5]).ratioCi95)
    // 3, 2 and 1.5 have the product 9, and 2, 1 and 0.5 have 1.
    #expect(newer[0] == plain[0] && abs(newer[1] / plain[1] - pow(9, 1 / 3.0)) < 1e-9)
  }

  /// What the spread of the runs cannot tell has no interval; the ratio is of those that arrived.
  @Test func thereIsNoIntervalWhereTheRunsDoNotTellIt() throws {
    #expect(try Self.gain(missed: (1, 0)).ratioCi95 == nil)
    #expect(try Self.gain(missed: (0, 1)).ratioCi95 == nil)
    #expect(try Self.gain(newer: [1, 1, 1]).ratioCi95 == nil, "all ended at one evaluation")
    #expect(try Self.gain(looks: (2, 0)).ratioCi95 == nil, "one ended at its first evaluation")
    #expect(try Self.gain(missed: (1, 1)).ratio == Self.gain().ratio)
    #expect(AlgorithmicGain.caveats.contains { $0.contains("Runs that missed the goal") })
    #expect(TextGain.caveats.last == AlgorithmicGain.caveats.last)
  }

  private static func work(_ reached: [Double]) -> RunWork { RunWork(reached: reached, look: 0) }

  @Test func standsBesideThePublishedCounts() throws {
    let gain = try #require(try AlgorithmicGain(older: Self.work([1]), newer: Self.work([2])))
    #expect(gain.ratioCi95 == nil)
    #expect(gain.halvingMonths == nil)
    // 2012-06-01 to 2015-10-01 and to 2019-05-28; 3.1 over 0.069 teraflop/s-days.
    #expect(abs(gain.months - 40) < 0.1)
    #expect(abs(gain.predictedRatio - pow(2, gain.months / 16)) < 1e-3)
    #expect(abs(gain.published.wholeRatio - 44.93) < 0.01)
    #expect("\(gain.published.wholeTo)" == "2019-05-28")
    #expect(gain.published.residualRatio == 2.72)
    #expect(abs(gain.published.halvingMonths - 16) < 1e-3)
  }

  @Test func needsARunOfEach() throws {
    #expect(try AlgorithmicGain(older: Self.work([]), newer: Self.work([1])) == nil)
    #expect(try AlgorithmicGain(older: Self.work([1]), newer: Self.work([])) == nil)
  }
}
