import Basics
import Harness
import Testing

/// How often confirmed verdicts are false, and how often a slowdown is found, on recorded noise.
@Suite struct ConfirmationTests {
  private static let comparisons = 1200

  /// Blocks of a set, given its number of processes and of pairs.
  private typealias Draw = (Int, Int, inout SplitMix64) -> [PairedBlocks]

  /// Verdicts after confirmation, and those of the first sets alone; quick is one process with 40
  /// pairs before sets of six with 16, else all have ten.
  private func verdicts(
    quick: Bool, margin: Double, comparisons: Int = comparisons, draw: Draw
  ) -> (all: [Verdict: Int], first: [Verdict: Int]) {
    var random = SplitMix64(seed: 13)
    let judge = Judge(margin: margin)
    var (all, first): ([Verdict: Int], [Verdict: Int]) = ([:], [:])
    for _ in 0..<comparisons {
      var tally = SetTally()
      while tally.verdict == nil {
        let (processes, pairs) = !quick ? (10, 16) : tally.sets.isEmpty ? (1, 40) : (6, 16)
        let blocks = tally.joined(draw(processes, pairs, &random))
        tally.add(judge.judge(blocks), blocks)
      }
      if let verdict = tally.verdict { all[verdict, default: 0] += 1 }
      first[tally.sets[0].judgement.verdict, default: 0] += 1
    }
    return (all, first)
  }

  private func claims(_ counts: [Verdict: Int]) -> Int {
    counts[.slower, default: 0] + counts[.faster, default: 0]
  }

  /// Two threads beside a load: the first set alone gives far more than one false alarm in 400.
  @Test(arguments: [true, false])
  func atMostOneFalseAlarmIn400OnTwoThreads(quick: Bool) throws {
    let noise = try ThreadNoise()
    let (all, first) = verdicts(quick: quick, margin: 0.03) { processes, pairs, random in
      noise.session(processes: processes, pairs: pairs, slowdown: 0, using: &random)
    }
    #expect(400 * claims(all) <= Self.comparisons, "\(all)")
    if quick { #expect(400 * claims(first) > Self.comparisons, "\(first)") }
  }

  @Test(arguments: [(64, 0.03), (256, 0.02)], [true, false])
  func atMostOneFalseAlarmIn400OnOneThread(_ setting: (Int, Double), quick: Bool) throws {
    let noise = try RecordedNoise(size: setting.0)
    let (all, _) = verdicts(quick: quick, margin: setting.1) { processes, pairs, random in
      noise.session(processes: processes, pairs: pairs, slowdown: 0, using: &random)
    }
    #expect(400 * claims(all) <= Self.comparisons, "\(all)")
    #expect(2 * all[.same, default: 0] >= Self.comparisons, "\(all)")
  }

  @Test(arguments: [0.05, 0.1]) func aSlowdownIsFoundAndConfirmed(_ slowdown: Double) throws {
    let noise = try RecordedNoise(size: 256)
    let (all, _) = verdicts(quick: false, margin: 0.02, comparisons: 400) {
      noise.session(processes: $0, pairs: $1, slowdown: slowdown, using: &$2)
    }
    #expect(100 * all[.slower, default: 0] >= 95 * 400, "\(all)")
    #expect(all[.faster] == nil && all[.same] == nil, "\(all)")
  }

  @Test func tenPercentAreFoundQuickly() throws {
    let noise = try RecordedNoise(size: 256)
    let (all, _) = verdicts(quick: true, margin: 0.02, comparisons: 400) {
      noise.session(processes: $0, pairs: $1, slowdown: 0.1, using: &$2)
    }
    #expect(100 * all[.slower, default: 0] >= 95 * 400, "\(all)")
  }
}
