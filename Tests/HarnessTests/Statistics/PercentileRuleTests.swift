import Harness
import Testing

/// MLPerf's early-stopping rule: sizes recomputed with scipy.special.betainc.
@Suite struct PercentileRuleTests {
  @Test(arguments: [
    (0.90, [64, 81, 97, 113]), (0.95, [130, 165, 198, 229]), (0.99, [662, 838, 1001, 1157]),
  ])
  func minimumQueries(percentile: Double, expected: [Int]) {
    for (index, queries) in expected.enumerated() {
      let overlatency = index + 1
      #expect(
        PercentileRule.minimumQueries(percentile: percentile, overlatency: overlatency) == queries)
    }
  }

  @Test func tooFewQueriesGiveNoPercentile() {
    let latencies = (1...63).map(Double.init)
    #expect(PercentileRule.estimate(0.90, ofSorted: latencies) == nil)
    // At 64 one query may exceed the bound and none is discarded: the largest is the estimate.
    #expect(PercentileRule.estimate(0.90, ofSorted: latencies + [64]) == 64)
    // At 81 two may exceed it, and one is discarded.
    #expect(PercentileRule.estimate(0.90, ofSorted: (1...81).map(Double.init)) == 80)
    #expect(PercentileRule.estimate(0.99, ofSorted: []) == nil)
  }

  @Test func latencyNamesWhatIsMissing() {
    let latency = PercentileRule.latency(ofNs: (1...200).map { Double($0) * 1e6 })
    #expect(latency.p50 == 100.5)
    // 200 queries allow three over the 95th percentile, so two are discarded.
    #expect(latency.p95 == 198)
    #expect(latency.p99 == nil)
    #expect(latency.needs == ["p99": 662])
    #expect(PercentileRule.latency(ofNs: []).p50 == nil)
  }
}
