import Economics
import Foundation
import Testing

/// The work to one accuracy by two networks, beside the published counts.
@Suite struct AlgorithmicGainTests {
  @Test func comparesGeometricMeans() throws {
    let gain = try #require(
      try AlgorithmicGain(older: [8e15, 2e15, 4e15], newer: [1e15, 1e15, 1e15]))
    #expect(abs(gain.ratio - 4) < 1e-12)
    #expect(gain.ratioRange == [2, 8])
    #expect(gain.runs == [3, 3])
    let interval = try #require(gain.ratioCi95)
    // The logarithms are ln 4 and ln 4 ± ln 2: error ln 2 / √3, 2 degrees of freedom, t = 4.3027.
    let half = 4.302653 * log(2) / 3.0.squareRoot()
    #expect(abs(interval[0] - 4 * exp(-half)) < 1e-5)
    #expect(abs(interval[1] - 4 * exp(half)) < 1e-3)
    #expect(abs(try #require(gain.halvingMonths) - gain.months / 2) < 1e-9)
  }

  @Test func standsBesideThePublishedCounts() throws {
    let gain = try #require(try AlgorithmicGain(older: [1], newer: [2]))
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
    #expect(try AlgorithmicGain(older: [], newer: [1]) == nil)
    #expect(try AlgorithmicGain(older: [1], newer: []) == nil)
  }
}
