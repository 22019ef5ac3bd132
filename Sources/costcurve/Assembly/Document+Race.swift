import Harness
import Reporter

extension Document {
  /// An interleaved comparison with external runtimes: what the ratios are, then each batch and
  /// thread count.
  ///
  /// - Parameters:
  ///   - record: What `costcurve peers` measured.
  ///   - onScreen: Whether the ratios alone are wanted, and the first warning.
  init(race record: ResultRecord, onScreen: Bool) {
    let item = record.cases.lazy.filter { $0.derived.rate != nil }.first?.derived.workItem ?? .image
    // Float32 beside another precision is in the same blocks.
    let groups = Dictionary(grouping: record.cases, by: { Self.conditions(of: $0) })
      .sorted { $0.key < $1.key }
      .map { _, cases in
        let named = cases.first { $0.name.precision != nil } ?? cases[0]
        return (key: CaseID.withoutEngine(named.id), value: cases)
      }
    // That the machine was busy stands in the notice.
    let warnings = Warning.ofMachine(record.context).filter {
      if case .busy = $0 { false } else { true }
    }.map(Report.Doubt.init)
    var blocks =
      record.price.map { price -> Block in
        .paragraph("Dollars: \(Units.usd(price.usdPerHour)) an hour, \(price.basis).")
      }.map { [$0] } ?? []
    var sections: [Section] = []
    if onScreen {
      if let gist = warnings.gist { blocks.append(.paragraph(gist)) }
      blocks += groups.map { id, cases in
        let ratios = Self.ratios(of: cases)
        return .paragraph("\(id): " + (ratios.isEmpty ? "no ratio" : ratios.joined(separator: " ")))
      }
    } else {
      if record.cases.contains(where: \.isGathered) {
        blocks.append(
          .paragraph(
            "A row named -gathered is dynamically batched: it waits for a request per thread and "
              + "answers them as one larger batch."))
      }
      let names = record.cases.map { CaseID.engine(of: $0.id) }
      if names.contains(where: { $0.hasSuffix(PeerArms.floatSuffix) }) {
        blocks.append(
          .paragraph(
            "A row named \(PeerArms.floatSuffix) computes the same in float32; all others in the "
              + "precision of the heading."))
      }
      blocks += record.context.libraries.map {
        .paragraph("\($0.name) \($0.version): \($0.configuration).")
      }
      if !warnings.isEmpty { blocks.append(.doubts(warnings)) }
      sections = groups.enumerated().map { index, group in
        Section(
          id: "comparison-\(index + 1)", title: group.key, short: group.key, lead: "",
          blocks: Self.ratios(of: group.value).map { .paragraph($0) }
            + [.table(Self.table(group.value, item, id: "rates-\(index + 1)"))])
      }
    }
    self.init(
      title: "Interleaved comparison with external runtimes",
      subtitle: "\(record.context.machine.cpu), \(record.context.date)",
      notice: .init(record.validity ?? RunValidity(of: record), on: record.context.noise),
      answer: "Ratio: how many times as fast the first row is, per \(item.name), from interleaved "
        + "blocks.",
      blocks: blocks)
    self.sections += sections
    if !onScreen, let energy = Report(record: record).energySection { self.sections.append(energy) }
  }

  /// The first row over the fastest runtime that computes the same batch, and our dynamically
  /// batched variant over the fastest of those that have as many in-flight requests.
  private static func ratios(of cases: [CaseRecord]) -> [String] {
    let runtimes = cases.filter { $0.isForeign && $0.validity.ok }
    let precision = cases.lazy.compactMap(\.name.precision).first
    func fastest(_ some: [CaseRecord]) -> CaseRecord? {
      some.max { $0.derived.rate ?? 0 < $1.derived.rate ?? 0 }
    }
    let leanest = runtimes.compactMap(\.derived.peakMemoryBytes).min()
    func sentence(
      _ own: CaseRecord, over words: String, _ best: CaseRecord, _ ratio: Double, _ ends: [Double]?
    ) -> String {
      let memory = zip(
        [own.derived.peakMemoryBytes, leanest], ["ours", "the leanest external runtime"]
      ).compactMap { bytes, name in bytes.map { "\(Units.bytes($0)) \(name)" } }
      return "\(CaseID.engine(of: own.id)) over \(words), \(CaseID.engine(of: best.id)): "
        + "\(Units.ratio(ratio)) \(ends.map { Units.interval($0) } ?? "n/a"), "
        + "\(Units.count(best.processes.count, "process")); "
        + "resident \(memory.joined(separator: ", "))."
    }
    var found: [String] = []
    if let first = cases.first, let best = fastest(runtimes.filter { !$0.isGathered }),
      let ratio = best.derived.firstArmSpeedup
    {
      found.append(
        sentence(
          first, over: "the best external runtime", best, ratio, best.derived.firstArmSpeedupCi95))
    }
    if let own = cases.first(where: { $0.isGathered && !$0.isForeign }),
      let best = fastest(runtimes.filter { $0.derived.ownArm == CaseID.engine(of: own.id) }),
      let ratio = best.derived.ownArmSpeedup
    {
      found.append(
        sentence(
          own, over: "the best with as many in-flight requests", best, ratio,
          best.derived.ownArmSpeedupCi95))
    }
    guard let precision else { return found }
    if let float = cases.first(where: { $0.isInFloat32Beside(cases[0]) }),
      let ratio = float.derived.firstArmSpeedup
    {
      let interval = float.derived.firstArmSpeedupCi95.map { Units.interval($0) } ?? "n/a"
      found.append(
        "\(CaseID.engine(of: cases[0].id)) over our own float32: \(Units.ratio(ratio)) "
          + "\(interval).")
    }
    if precision == .bf16, cases[0].name.precision == nil {
      found.append("Ours computes in float32 here, beside runtimes in bf16.")
    }
    if let error = errors(of: cases) { found.append(error) }
    return found
  }

  /// The batch and threads of a case, whoever computes it and in what.
  private static func conditions(of item: CaseRecord) -> String {
    var id = item.name
    (id.engine, id.precision) = (nil, nil)
    return id.description
  }

  /// How far outputs of external runtimes in lower precision are from ours, and how far they may be.
  private static func errors(of cases: [CaseRecord]) -> String? {
    let compared = cases.filter { $0.isForeign && $0.name.precision != nil }
    let errors = compared.compactMap { item in item.correctness.maxError.map { (item, $0) } }
    guard let worst = errors.max(by: { $0.1 < $1.1 }) else { return nil }
    func percent(_ share: Double) -> String { "\(Units.number(100 * share)) %" }
    var allowed = ""
    if case .number(let most)? = worst.0.parameters["tolerance"] {
      allowed = ", \(percent(most)) allowed"
    }
    let what = worst.0.kind == .train ? "Losses" : "Outputs"
    return "\(what) before timing: \(CaseID.engine(of: worst.0.id)) differs most from ours, by "
      + "\(percent(worst.1)) of the largest\(allowed)."
  }

  private static func table(_ cases: [CaseRecord], _ item: WorkItem, id: String) -> DataTable {
    func cell(_ value: Double?, _ ends: [Double]? = nil) -> DataTable.Cell {
      .init(
        value.map { Units.number($0) } ?? "n/a", number: value, interval: Units.interval(ends))
    }
    return DataTable(
      id: id, caption: "Rates and ratios, with 95 % intervals",
      columns: [
        .init("Software"), .init("Rate", unit: item.rateUnit, isNumber: true),
        .init("Ratio", unit: "x", isNumber: true), .init("Memory", unit: "MiB", isNumber: true),
        .init("Cost", unit: "USD per \(item.costUnit)", isNumber: true),
      ],
      rows: cases.map { one in
        let (name, derived) = (DataTable.Cell(CaseID.engine(of: one.id)), one.derived)
        guard one.validity.ok, let rate = derived.rate else {
          let reasons = "no speed: \(one.validity.reasons.joined(separator: "; "))"
          return [name, .init(reasons, tone: .bad, spansTheRest: true)]
            + Array(repeating: .init("–", tone: .quiet), count: 3)
        }
        return [
          name, cell(rate, derived.rateCi95),
          cell(derived.firstArmSpeedup, derived.firstArmSpeedupCi95),
          cell(derived.peakMemoryBytes.map { Double($0 >> 20) }), cell(derived.usdPerCount),
        ]
      })
  }
}

extension CaseRecord {
  /// Whether it is ours in float32 beside a case of ours in another precision.
  fileprivate func isInFloat32Beside(_ other: CaseRecord) -> Bool {
    !isForeign && !isGathered && name.precision == nil && other.name.precision != nil
  }
}
