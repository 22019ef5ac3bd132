import Basics
import Foundation
import Harness
import Testing

@Suite struct VerdictTests {
  /// Processes whose blocks all show `ratio`, with a little symmetric noise.
  private func blocks(
    ratio: Double, control: Double = 1, noise: Double = 0.004, processes: Int = 10,
    pairs: Int = 16, clean: Double = 1, seed: UInt64 = 1
  ) -> [PairedBlocks] {
    var random = SplitMix64(seed: seed)
    return (0..<processes).map { _ in
      let jitter = { exp(Double.random(in: -noise...noise, using: &random)) }
      let a = (0..<pairs).map { _ in 1e6 * jitter() }
      return PairedBlocks(
        a: a, b: a.map { $0 * ratio * jitter() }, control: a.map { $0 * control * jitter() },
        clean: (0..<pairs).map { Double($0) < clean * Double(pairs) })
    }
  }

  @Test(arguments: [
    (1.0, Verdict.same), (1.005, .same), (0.995, .same), (1.05, .slower), (0.95, .faster),
    (1.02, .inconclusive),
  ])
  func theFiveSides(ratio: Double, expected: Verdict) {
    let judgement = Judge(margin: 0.02).judge(blocks(ratio: ratio))
    #expect(judgement.verdict == expected, "\(judgement)")
    #expect(abs((judgement.shift?.ratio ?? 0) - ratio) < 0.003)
    #expect(!judgement.provisional)
    #expect(judgement.reason.contains("±2.00 %"))
  }

  @Test func aMovedControlMakesAnyVerdictUnstable() {
    for ratio in [1.0, 1.05] {
      let judgement = Judge(margin: 0.02).judge(blocks(ratio: ratio, control: 1.03))
      #expect(judgement.verdict == .unstable)
      #expect(judgement.controlVerdict == .slower)
      #expect(judgement.reason.contains("+3.0 %"))
    }
  }

  @Test func heavyStealMakesItUnstable() {
    let verdict = { (ratio: Double, steal: Double, clean: Double) in
      Judge(margin: 0.02).judge(blocks(ratio: ratio, clean: clean), stealPercent: steal).verdict
    }
    #expect(verdict(1.05, 7, 14.0 / 16) == .unstable)
    #expect(verdict(1.05, 4, 14.0 / 16) == .slower)
    #expect(verdict(1.05, 7, 15.0 / 16) == .slower)
    #expect(verdict(1.02, 7, 14.0 / 16) == .unstable)
  }

  /// An interval within the margin lies there in spite of what was stolen.
  @Test func stealDoesNotSpeakAgainstEqualArms() {
    let disturbed = blocks(ratio: 1, clean: 0.75)
    #expect(Judge(margin: 0.02).judge(disturbed, stealPercent: 7).verdict == .same)
  }

  /// Half of the blocks are disturbed, some arms by twice their time: the clean ones tell.
  @Test(arguments: [(1.0, Verdict.same), (1.06, .slower)])
  func cleanBlocksDecideWhereTheyAreEnough(ratio: Double, expected: Verdict) {
    var processes = blocks(ratio: ratio, pairs: 32, clean: 0.5)
    var random = SplitMix64(seed: 3)
    for index in processes.indices {
      for block in processes[index].b.indices where !processes[index].clean[block] {
        processes[index].a[block] *= Double.random(in: 1...2, using: &random)
        processes[index].b[block] *= Double.random(in: 1...2, using: &random)
        processes[index].control[block] *= Double.random(in: 1...2, using: &random)
      }
    }
    let judgement = Judge(margin: 0.02).judge(processes)
    #expect(judgement.verdict == expected, "\(judgement)")
  }

  /// Half of the processes were disturbed from their beginning to their end: the others tell, if
  /// they are five.
  @Test(arguments: [(5, true), (4, false)])
  func disturbedProcessesAreLeftOutWhereOthersAreEnough(undisturbed: Int, areEnough: Bool) {
    var processes = blocks(ratio: 1)
    for index in undisturbed..<processes.count {
      processes[index].b = processes[index].b.map { $0 * (index % 2 == 0 ? 1.4 : 0.7) }
      processes[index].clean = processes[index].clean.map { _ in false }
    }
    #expect(processes.telling.count == (areEnough ? undisturbed : processes.count))
    let judgement = Judge(margin: 0.02).judge(processes)
    #expect((judgement.verdict == .same) == areEnough, "\(judgement)")
  }

  /// Eight clean blocks are enough for a median, if they are a quarter of all.
  @Test(arguments: [(8, 32, true), (7, 28, false), (8, 33, false), (20, 20, true)])
  func fewCleanBlocksDoNotSpeakForAll(clean: Int, of count: Int, areEnough: Bool) {
    let blocks = PairedBlocks(
      a: (0..<count).map { _ in 1 }, b: (0..<count).map { $0 < clean ? 1 : 2 },
      clean: (0..<count).map { $0 < clean })
    #expect(blocks.differences.count == (areEnough ? clean : count))
    #expect(blocks.allDifferences.count == count)
  }

  @Test func cleanPairsCountOnlyWhereTheyAreAskedFor() {
    let disturbed = blocks(ratio: 1.0, clean: 0.25)
    #expect(Judge(margin: 0.02).judge(disturbed).verdict == .same)
    let judgement = Judge(margin: 0.02, asksForCleanPairs: true).judge(disturbed)
    #expect(judgement.verdict == .unstable)
    #expect(judgement.cleanPercent == 25)
  }

  /// Half of the pairs must have run undisturbed, and half is enough.
  @Test(arguments: [(7.0 / 16, Verdict.unstable), (8.0 / 16, .same)])
  func halfOfThePairsMustBeClean(clean: Double, expected: Verdict) {
    let judgement = Judge(margin: 0.02, asksForCleanPairs: true).judge(
      blocks(ratio: 1.0, clean: clean))
    #expect(judgement.verdict == expected, "\(judgement)")
    #expect(judgement.cleanPercent == 100 * clean)
  }

  /// A control that is surely not 0 counts as moved from half of the margin on.
  @Test(arguments: [(1.008, Verdict.same), (1.013, .unstable), (1 / 1.013, .unstable)])
  func aControlMayMoveByHalfTheMargin(control: Double, expected: Verdict) {
    let judgement = Judge(margin: 0.02).judge(blocks(ratio: 1.0, control: control, noise: 0.002))
    #expect(judgement.verdict == expected, "\(judgement)")
  }

  @Test func anEstimateThatHangsOnDisturbedPairsIsInconclusive() {
    var processes = blocks(ratio: 1.0, clean: 0.6)
    for index in processes.indices {
      for pair in processes[index].b.indices where !processes[index].clean[pair] {
        processes[index].b[pair] *= 1.3
      }
    }
    #expect(Judge(margin: 0.02, asksForCleanPairs: true).judge(processes).verdict == .inconclusive)
  }

  @Test func oneProcessIsProvisional() {
    let judgement = Judge(margin: 0.02).judge(blocks(ratio: 1.05, processes: 1, pairs: 40))
    #expect(judgement.provisional)
    #expect(judgement.verdict == .slower)
    #expect(judgement.pSlower < 1e-6, "40 of 40 pairs lie beyond the margin")
    #expect(Judge(margin: 0.02).judge([]).verdict == .inconclusive)
  }

  /// A single process whose buffers fell badly must not decide for all.
  @Test func onePlacementDoesNotDecide() {
    var processes = blocks(ratio: 1.0)
    processes[3].b = processes[3].b.map { $0 * 1.12 }
    #expect(Judge(margin: 0.02).judge(processes).verdict != .slower)
  }

  @Test func defaultMargins() {
    let margin = { (kind: CaseRecord.Kind, threads: Int, ns: Double) in
      Margin.standard(kind: kind, threads: threads, nsPerCall: ns, cores: 2)
    }
    #expect(margin(.gemm, 1, 460_000) == 0.02)
    #expect(margin(.gemm, 1, 10_000) == 0.03)
    #expect(margin(.conv, 2, 460_000) == 0.03)
    #expect(margin(.infer, 1, 6e7) == 0.03)
    #expect(Margin.effective(0.02, pastControls: [0.05, 0.05]) == 0.02)
    let past = (0..<20).map { _ in 0.04 }
    #expect(Margin.effective(0.02, pastControls: past) == 0.04)
  }
}
