extension ComparisonRecord.Case {
  /// A case as its sets left it: the last one's figures under the verdict of all; nil where no set
  /// was made.
  ///
  /// - Parameters:
  ///   - id: Of the case.
  ///   - repeat: The command line that repeats it.
  ///   - tally: Of B beside A.
  ///   - margin: In force, as a share.
  init?(id: String, repeat: String, tally: SetTally, margin: Double) {
    guard let judgement = tally.judgement, let last = tally.sets.last else { return nil }
    self.init(
      id: id, repeat: `repeat`, judgement: judgement, margin: margin, blocks: last.blocks)
    confirmed = tally.confirmed
    earlierSets = tally.sets.dropLast().map {
      ComparisonRecord.EarlierSet(
        verdict: $0.judgement.verdict, ratio: $0.judgement.shift?.ratio,
        ci99: $0.judgement.shift?.ratioInterval, reason: $0.judgement.reason, processes: $0.blocks)
    }
  }

  /// A case as it stands once it has been judged; peers, steal and confirmation are added by whoever
  /// saw them.
  ///
  /// - Parameters:
  ///   - id: Of the case.
  ///   - repeat: The command line that repeats it.
  ///   - judgement: Of B beside A.
  ///   - margin: In force, as a share.
  ///   - blocks: The paired times of every process.
  init(
    id: String, repeat: String, judgement: Judge.Judgement, margin: Double, blocks: [PairedBlocks]
  ) {
    let control = judgement.control.map {
      ComparisonRecord.Control(
        verdict: judgement.controlVerdict ?? .inconclusive, ratio: $0.ratio,
        ci99: $0.ratioInterval)
    }
    let typical: (KeyPath<PairedBlocks, [Double]>) -> Double? = { arm in
      let medians = blocks.filter { !$0.a.isEmpty }.map { Quantile.median(of: $0[keyPath: arm]) }
      return medians.isEmpty ? nil : Harness.Summary.geometricMean(medians)
    }
    self.init(
      id: id, verdict: judgement.verdict, ratio: judgement.shift?.ratio,
      ci99: judgement.shift?.ratioInterval, reason: judgement.reason, control: control,
      margin: margin, provisional: judgement.provisional,
      pSlower: judgement.shift == nil ? nil : judgement.pSlower, pHolm: nil, confirmed: nil,
      regression: false, correctness: .passed, aNs: typical(\.a), bNs: typical(\.b),
      processCount: blocks.count, pairCount: blocks.reduce(0) { $0 + $1.a.count },
      cleanPercent: judgement.cleanPercent, stealPercent: nil, peers: [], processes: blocks,
      earlierSets: nil, repeat: `repeat`)
  }
}
