import Harness
import Testing

/// What independent sets of rounds say together.
@Suite struct SetTallyTests {
  @Test(
    arguments: [
      ([], nil), ([.same], .same), ([.slower], nil), ([.faster], nil), ([.inconclusive], nil),
      ([.unstable], nil),
      ([.slower, .slower], .slower), ([.faster, .faster], .faster),
      ([.slower, .faster], .inconclusive), ([.slower, .same], nil), ([.faster, .unstable], nil),
      ([.inconclusive, .same], .same), ([.unstable, .same], .same),
      ([.inconclusive, .inconclusive], .inconclusive), ([.inconclusive, .unstable], .unstable),
      ([.unstable, .slower], nil),
      ([.slower, .same, .slower], .slower), ([.slower, .same, .same], .same),
      ([.slower, .same, .inconclusive], .inconclusive), ([.unstable, .faster, .faster], .faster),
      ([.unstable, .faster, .same], .inconclusive), ([.slower, .unstable, .unstable], .unstable),
    ] as [([Verdict], Verdict?)])
  func twoSetsMakeADifference(_ sets: [Verdict], _ expected: Verdict?) {
    #expect(SetTally.settle(sets) == expected)
  }

  /// Whatever comes, three sets settle it, and no difference stands on one of them.
  @Test func threeSetsAlwaysSettleIt() {
    for first in Verdict.allCases {
      for second in Verdict.allCases {
        for third in Verdict.allCases {
          let sets = [first, second, third]
          let verdict = SetTally.settle(sets)
          #expect(verdict != nil, "\(sets)")
          if let verdict, verdict.isClaim {
            #expect(sets.count { $0 == verdict } >= 2, "\(sets) gave \(verdict)")
          }
        }
      }
    }
  }

  private func judgement(_ verdict: Verdict, pSlower: Double) -> Judge.Judgement {
    var judgement = Judge(margin: 0.02).judge([])
    (judgement.verdict, judgement.reason) = (verdict, "why \(verdict.rawValue)")
    judgement.pSlower = pSlower
    return judgement
  }

  private func tally(
    _ sets: [(Verdict, Double)], confirms: Bool = true
  ) -> SetTally {
    var tally = SetTally(confirms: confirms)
    for (verdict, p) in sets { tally.add(judgement(verdict, pSlower: p), []) }
    return tally
  }

  @Test func twoPValuesAreOneSmallerOne() throws {
    let two = tally([(.slower, 0.001), (.slower, 0.01)])
    #expect(two.confirmed == true)
    #expect(abs(try #require(two.judgement).pSlower - 1e-4) < 1e-12)
    let three = tally([(.slower, 0.001), (.same, 0.9), (.slower, 0.01)])
    #expect(abs(try #require(three.judgement).pSlower - 3e-4) < 1e-12)
    let open = tally([(.slower, 0.001), (.inconclusive, 0.2), (.same, 0.9)])
    #expect(open.confirmed == false)
    #expect(open.judgement?.pSlower == 0.9)
  }

  @Test func theReasonNamesWhatCameBefore() throws {
    let confirmed = try #require(tally([(.faster, 1), (.faster, 1)]).judgement)
    #expect(confirmed.reason.hasPrefix("why FASTER"))
    #expect(confirmed.reason.contains("confirmed"))
    let alone = try #require(tally([(.slower, 0.001), (.same, 1), (.unstable, 1)]).judgement)
    #expect(alone.verdict == .unstable)
    #expect(alone.reason.contains("SLOWER, then SAME, then: why UNSTABLE"))
    let retried = try #require(tally([(.unstable, 1), (.inconclusive, 1)]).judgement)
    #expect(retried.reason == "why INCONCLUSIVE; UNSTABLE before it was retried")
    #expect(tally([(.same, 1)]).judgement?.reason == "why SAME")
  }

  /// What could not be told is judged again with twice as much; what was claimed is not.
  @Test(arguments: Verdict.allCases)
  func theSetAfterOneThatCouldNotTellIsJudgedWithIt(_ first: Verdict) {
    let (one, two) = ([PairedBlocks(a: [1], b: [2])], [PairedBlocks(a: [3], b: [4])])
    var tally = SetTally()
    #expect(tally.joined(one) == one)
    tally.add(judgement(first, pSlower: 1), one)
    #expect(tally.joined(two) == (first.isUndecided ? one + two : two))
    tally.add(judgement(.slower, pSlower: 0), two)
    #expect(tally.joined(two) == two)
  }

  @Test func withoutConfirmationTheFirstSetDecides() {
    let one = tally([(.slower, 0.001), (.same, 1)], confirms: false)
    #expect(one.verdict == .slower)
    #expect(one.sets.count == 1)
    #expect(one.confirmed == nil)
    #expect(one.judgement?.pSlower == 0.001)
    #expect(tally([(.unstable, 1)], confirms: false).verdict == .unstable)
  }
}
