/// One engine's kernels beside another's, on every shape that a record has of both.
package struct EnginePairs: Sendable {
  /// One shape by both engines.
  package struct Pair: Sendable {
    package let item: CaseRecord
    package let other: CaseRecord
    /// Median time of a call of each.
    package let ns: Double
    package let otherNs: Double
    /// How many times as fast the first engine is.
    package let rounds: PairedRounds
  }

  /// In the order of the record.
  package let pairs: [Pair]
  /// Of the speedups.
  package let geometricMean: Double
  /// Shapes on which the first engine is at least as fast.
  package let ahead: Int

  /// Joins the products and convolutions of both by what they compute; nil where no shape has a
  /// valid time of both.
  ///
  /// - Parameters:
  ///   - record: A measurement that went through its cases round by round.
  ///   - engine: Whose speed is told.
  ///   - other: What it is set beside.
  package init?(in record: ResultRecord, engine: String, beside other: String) {
    let kernels = record.cases.filter { $0.kind == .gemm || $0.kind == .conv }
    let others = Dictionary(
      kernels.filter { CaseID.engine(of: $0.id) == other }.map {
        (CaseID.withoutEngine($0.id), $0)
      },
      uniquingKeysWith: { first, _ in first })
    pairs = kernels.filter { CaseID.engine(of: $0.id) == engine }.compactMap { item in
      guard let other = others[CaseID.withoutEngine(item.id)],
        let ns = item.statistics?.medianNs, let otherNs = other.statistics?.medianNs,
        let rounds = PairedRounds(item, beside: other)
      else { return nil }
      return Pair(item: item, other: other, ns: ns, otherNs: otherNs, rounds: rounds)
    }
    guard !pairs.isEmpty else { return nil }
    geometricMean = Summary.geometricMean(pairs.map(\.rounds.speedup))
    ahead = pairs.count { $0.rounds.speedup >= 1 }
  }
}
