import Basics
import Foundation
import Harness
import Testing

/// Paired statistics against SciPy 1.17.1 and R's definitions.
@Suite struct PairedTestsTests {
  private let differences = [
    0.013, -0.004, 0.022, 0.031, 0.008, -0.011, 0.027, 0.002, 0.018, -0.0065, 0.040, 0.0155,
  ]

  /// scipy.stats.wilcoxon(differences, mode="exact"): statistic min(68, 10), p 0.02099609375.
  @Test func signedRankExact() {
    #expect(SignedRank.statistic(differences).sum == 68)
    #expect(abs(SignedRank.pValue(differences) - 0.02099609375) < 1e-14)
  }

  /// scipy.stats.wilcoxon(differences - bound, alternative="greater", mode="exact").
  @Test func signedRankBeyondABound() {
    #expect(abs(SignedRank.pValue(differences, above: 0.0005) - 0.010498046875) < 1e-14)
    #expect(abs(SignedRank.pValue(differences, above: 0.0205) - 0.935302734375) < 1e-14)
  }

  /// scipy.stats.wilcoxon(ties, mode="approx", correction=False), zeros dropped.
  @Test func signedRankWithTies() {
    let ties: [Double] = [1, 1, 2, -1, 3, -2, 2, 5, -4, 4, 0, 1, 6, 2, -1]
    let (sum, count, hasTies, _) = SignedRank.statistic(ties)
    #expect(count == 14 && hasTies)
    #expect(sum == 105 - 25)
    #expect(abs(SignedRank.pValue(ties) - 0.08191387214788795) < 1e-12)
    #expect(SignedRank.pValue([0, 0]) == 1)
  }

  /// Ends at the 14th and 8th of 78 pairwise means from either side: R's qsignrank(0.025, 12) is
  /// 14, and 8 leaves 0.99.
  @Test func signedRankInterval() throws {
    let ninetyFive = try #require(SignedRank.interval(differences, confidence: 0.95))
    #expect(abs(ninetyFive.low - 0.002) < 1e-15 && abs(ninetyFive.high - 0.024) < 1e-15)
    let ninetyNine = try #require(SignedRank.interval(differences, confidence: 0.99))
    #expect(abs(ninetyNine.low + 0.00225) < 1e-15 && abs(ninetyNine.high - 0.02775) < 1e-15)
    #expect(SignedRank.interval([1, 2, 3], confidence: 0.99) == nil)
  }

  /// Beyond 50 differences the normal approximation takes over without a jump.
  @Test func signedRankIntervalOfManyDifferences() throws {
    var random = SplitMix64(seed: 9)
    let many = (0..<200).map { _ in Double.random(in: -1...1, using: &random) + 0.1 }
    let interval = try #require(SignedRank.interval(many, confidence: 0.99))
    #expect(interval.low < interval.estimate && interval.estimate < interval.high)
    #expect(interval.high - interval.low < 0.3)
  }

  /// The ends of the squares of 1 to 60, worked in NumPy: ranks 648 and 565 of 1830 pairwise means
  /// from either side, since 915 − z · 135.84 is 648.8 for 95 % and 565.1 for 99 %.
  @Test(arguments: zip([0.95, 0.99], [[832.5, 1517], [725, 1625]]))
  func signedRankIntervalByApproximation(confidence: Double, ends: [Double]) throws {
    let squares = (1...60).map { Double($0 * $0) }
    let interval = try #require(SignedRank.interval(squares, confidence: confidence))
    #expect([interval.low, interval.high] == ends)
    #expect(interval.estimate == 1171.25)
  }

  /// Holm by its definition.
  @Test func multiplicity() {
    let p = [0.01, 0.04, 0.03, 0.005, 0.2, 0.011]
    for (found, expected) in zip(Multiplicity.holm(p), [0.05, 0.09, 0.09, 0.03, 0.2, 0.05]) {
      #expect(abs(found - expected) < 1e-15)
    }
    #expect(Multiplicity.holm([]).isEmpty)
  }

  /// DerSimonian–Laird weights with Hartung–Knapp's error, worked in NumPy from the formulas.
  @Test func pooling() throws {
    let pooled = try #require(
      ProcessPooling([
        (0.012, 0.003), (0.020, 0.002), (0.015, 0.010), (0.031, 0.004), (0.008, 0.002),
      ]))
    #expect(abs(pooled.estimate - 0.017209601913795627) < 1e-14)
    #expect(abs(pooled.standardError - 0.004114807427408199) < 1e-14)
    #expect(abs(pooled.halfWidth(confidence: 0.99) - 0.018944963773122943) < 1e-12)
    #expect(abs(pooled.pValue(above: 0.01) - 0.07731719359670047) < 1e-12)
    // Beyond the estimate it is the larger tail: scipy.stats.t.sf of a negative t.
    #expect(abs(pooled.pValue(above: 0.025) - 0.9343721300223863) < 1e-12)
    #expect(ProcessPooling([(1, 1)]) == nil)
  }

  /// Ten values have 5 ∓ √10/2 below their median: the 4th and the 7th lie one standard error away.
  @Test func theErrorOfAMedianIsThatOfItsOrderStatistics() {
    let shift = SampleMedian.estimateWithError((1...10).map { Double($0 * $0) / 1000 })
    #expect(abs(shift.estimate - 0.0305) < 1e-15)
    #expect(abs(shift.standardError - 0.0165) < 1e-15)
    #expect(SampleMedian.estimateWithError([3]) == (3, 0))
  }

  @Test func theMedianStandsAThirdOfWildValues() {
    let wild = SampleMedian.estimateWithError(
      differences.enumerated().map { $0.offset % 3 == 0 ? $0.element + 10 : $0.element })
    #expect(abs(wild.estimate - 0.013) < 0.03)
  }

  @Test func poolingOfEqualErrorsIsThePlainMean() throws {
    let values = [0.01, 0.03, -0.02, 0.02]
    let pooled = try #require(ProcessPooling(values.map { ($0, 0.004) }))
    let plain = try #require(Interval.t(values, confidence: 0.99))
    #expect(abs(pooled.estimate - plain.estimate) < 1e-15)
    #expect(abs(pooled.halfWidth(confidence: 0.99) - (plain.high - plain.low) / 2) < 1e-14)
  }
}
