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
    let groups = Dictionary(grouping: record.cases, by: { CaseID.withoutEngine($0.id) })
      .sorted { $0.key < $1.key }
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
  }

  /// The first row over the fastest runtime that computes the same batch, and our dynamically
  /// batched variant over the fastest of those that have as many in-flight requests.
  private static func ratios(of cases: [CaseRecord]) -> [String] {
    let runtimes = cases.filter { $0.isForeign && $0.validity.ok }
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
    return found
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
