extension ComparisonRecord.Case {
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
      repeat: `repeat`)
  }
}
