import Harness

extension Document {
  /// A comparison as a document: the verdicts, then why each is what it is.
  ///
  /// - Parameters:
  ///   - comparison: Any.
  ///   - onScreen: Whether it is for one screen: the cases that matter most, and why those are what
  ///     they are of which something is to be said.
  package init(_ comparison: ComparisonRecord, onScreen: Bool = false) {
    let ranked = onScreen ? comparison.cases.rankedByWeight : comparison.cases
    let arms = comparison.arms
    let (a, b) = (arms.first ?? "A", arms.dropFirst().first ?? "B")
    var sections = [
      Section(
        id: "answer", title: "Verdicts", short: "Verdicts",
        lead: Self.lead(comparison, a: a, b: b),
        blocks: [
          .table(Self.verdicts(ranked.prefix(onScreen ? 12 : .max), of: ranked.count, a: a, b: b))
        ])
    ]
    let peers = Self.peers(comparison, a: a)
    let told = onScreen ? Array(ranked.filter { $0.verdict != .same }.prefix(5)) : ranked
    let reasons = Section(
      id: "reasons", title: "Reasons", short: "Reasons", lead: "",
      blocks: [.table(Self.reasons(told))])
    if onScreen, !told.isEmpty { sections.append(reasons) }
    if !peers.rows.isEmpty {
      sections.append(
        Section(
          id: "peers", title: "Further arms", short: "Further arms",
          lead: "Compared with \(a) in the same blocks.",
          blocks: [.table(peers)]))
    }
    if !onScreen { sections.append(reasons) }
    self.init(
      title: "\(b) compared with \(a)",
      subtitle: "\(comparison.context.machine.cpu), \(comparison.context.date), "
        + "seed \(comparison.seed)",
      notice: .init(
        comparison.validity ?? RunValidity(of: comparison), on: comparison.context.noise,
        busy: "The machine was busy while this was compared: the arms took turns, so their ratios "
          + "stand as far as their intervals say, but times are too long.",
        other: "This comparison could not establish all that it set out to."),
      sections: sections)
  }

  private static func lead(_ comparison: ComparisonRecord, a: String, b: String) -> String {
    let counts = Verdict.allCases.compactMap { verdict in
      comparison.summary.verdicts[verdict.rawValue].map { "\($0) \(verdict.rawValue)" }
    }
    let regressions = comparison.cases.count(where: \.regression)
    var text = counts.joined(separator: ", ") + "; "
    text +=
      regressions == 0
      ? "no confirmed regression" : Units.count(regressions, "confirmed regression")
    if let mean = comparison.summary.geometricMeanRatio {
      text += ". Over all cases \(b) takes \(Units.ratio(mean)) the time of \(a)"
    }
    let expected = Units.number(comparison.summary.expectedFalseFlags, digits: 2)
    return text + ". If nothing differed, \(expected) of these would be called slower by chance."
  }

  private static func verdicts(
    _ cases: ArraySlice<ComparisonRecord.Case>, of count: Int, a: String, b: String
  ) -> DataTable {
    let some = cases.count < count ? "; \(cases.count) of \(count), the weightiest first" : ""
    let rows = cases.map { item -> [DataTable.Cell] in
      let tone: DataTable.Tone =
        item.regression || item.correctness == .failed
        ? .bad : item.verdict == .faster ? .good : .plain
      return [
        .init(item.id), .init(item.verdict.rawValue, tone: tone), ratio(item.ratio, item.ci99),
        time(item.aNs), time(item.bNs), ratio(item.control?.ratio, nil),
        .init("±" + Units.percent(100 * item.margin, digits: 2), number: item.margin),
        .init("\(item.processCount) × \(item.pairCount / max(item.processCount, 1))"),
        .init(Units.percent(item.cleanPercent), number: item.cleanPercent),
      ]
    }
    return DataTable(
      id: "verdicts", caption: "Time of \(b) over time of \(a), with its 99 % interval\(some)",
      columns: [
        .init("Case"), .init("Verdict"), .init("B/A", isNumber: true),
        .init("A", isNumber: true, rank: 1), .init("B", isNumber: true, rank: 1),
        .init("A/A control", isNumber: true, rank: 2), .init("Margin", isNumber: true, rank: 3),
        .init("Processes × pairs", isNumber: true, rank: 4),
        .init("Undisturbed", isNumber: true, rank: 5),
      ], rows: rows)
  }

  private static func peers(_ comparison: ComparisonRecord, a: String) -> DataTable {
    let rows = comparison.cases.flatMap { item in
      item.peers.map { peer -> [DataTable.Cell] in
        [
          .init(item.id), .init(peer.name), .init(peer.verdict.rawValue),
          ratio(peer.ratio, peer.ci99),
        ]
      }
    }
    return DataTable(
      id: "peers", caption: "Time over that of \(a)",
      columns: [
        .init("Case"), .init("Arm"), .init("Verdict"), .init("Ratio", isNumber: true),
      ], rows: rows)
  }

  private static func reasons(_ cases: [ComparisonRecord.Case]) -> DataTable {
    DataTable(
      id: "reasons", caption: "Why each verdict is what it is",
      columns: [.init("Case"), .init("Reason")],
      rows: cases.map { [.init($0.id), .init("\($0.verdict.rawValue): \($0.reason)")] })
  }

  private static func ratio(_ ratio: Double?, _ bounds: [Double]?) -> DataTable.Cell {
    .init(
      ratio.map { Units.number($0, digits: 4) } ?? "–", number: ratio,
      interval: Units.interval(bounds, digits: 4))
  }

  private static func time(_ ns: Double?) -> DataTable.Cell {
    .init(ns.map { Units.nanoseconds($0) } ?? "–", number: ns)
  }
}

extension [ComparisonRecord.Case] {
  /// Wrong answers and regressions first, then what is slower, what could not be told, and what is
  /// faster; the same last.
  fileprivate var rankedByWeight: [ComparisonRecord.Case] {
    func rank(_ item: ComparisonRecord.Case) -> Int {
      if item.correctness == .failed || item.regression { return 0 }
      switch item.verdict {
      case .slower: return 1
      case .unstable, .inconclusive: return 2
      case .faster: return 3
      case .same: return 4
      }
    }
    return enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
      .map(\.element)
  }
}
