import Basics
import Foundation
import Harness
import Testing

@Suite struct SummaryTests {
  @Test func severalProcessesGiveAnIntervalOverThem() throws {
    let statistics = try #require(
      Summary.statistics(of: [[100, 102, 104], [110, 111, 112], [90, 95, 96]]))
    let medians = [102.0, 111, 95]
    let expected = try #require(Interval.geometric(medians, confidence: 0.95))
    #expect(abs(statistics.medianNs - expected.estimate) < 1e-9)
    #expect(statistics.ci95Ns == [expected.low, expected.high])
    #expect(statistics.ci95Method == "processes")
    #expect(!statistics.provisional)
    #expect(statistics.n == 9)
    #expect(statistics.minNs == 90 && statistics.maxNs == 112)
  }

  @Test func oneProcessGivesAProvisionalIntervalFromBlocks() throws {
    let series = (0..<80).map { 100 + Double($0 % 7) }
    let statistics = try #require(Summary.statistics(of: [series]))
    #expect(statistics.ci95Method == "blocks")
    #expect(statistics.provisional)
    let interval = try #require(statistics.ci95Ns)
    #expect(interval[0] <= statistics.medianNs && statistics.medianNs <= interval[1])
  }

  /// Where most blocks lie together and the rest holds the balance, the median of all samples is
  /// none that their medians' interval would hold: its end then moves to it.
  @Test func anIntervalFromBlocksHoldsTheMedianOfAllSamples() throws {
    // Eight blocks of three: five medians of 1, but fourteen samples of 24 are 9.
    let above: [Double] = (0..<8).flatMap { $0 < 5 ? [1, 1, 9] : [9, 9, 9] }
    let upper = try #require(Interval.blocks(above, confidence: 0.95))
    #expect(upper.estimate == 9 && upper.high == 9 && upper.low < 2)
    let below: [Double] = (0..<8).flatMap { $0 < 5 ? [9, 9, 1] : [1, 1, 1] }
    let lower = try #require(Interval.blocks(below, confidence: 0.95))
    #expect(lower.estimate == 1 && lower.low == 1 && lower.high > 9)
  }

  @Test func fewSamplesGiveNoInterval() throws {
    let statistics = try #require(Summary.statistics(of: [[5, 6, 7, 8, 9, 10, 11]]))
    #expect(statistics.ci95Ns == nil)
    #expect(statistics.ci95Method == nil)
    #expect(statistics.minNs == 5 && statistics.maxNs == 11)
    #expect(Summary.statistics(of: []) == nil)
    #expect(Summary.statistics(of: [[], []]) == nil)
  }

  /// On a drifting series, the interval from blocks must be far wider than one that takes its
  /// samples for independent, which is the fault that it exists to avoid.
  @Test func blocksCarryTheDependenceOfNeighbours() throws {
    var random = SplitMix64(seed: 5)
    var (value, series): (Double, [Double]) = (0, [])
    for _ in 0..<4000 {
      value = 0.995 * value + Double.random(in: -1...1, using: &random)
      series.append(exp(0.02 * value))
    }
    let blocks = try #require(Interval.blocks(series, confidence: 0.95))
    let naive = try #require(Interval.geometric(series, confidence: 0.95))
    #expect(blocks.high - blocks.low > 5 * (naive.high - naive.low))
  }
}
