import Economics
import Harness

/// The cases of a comparison of machine types, a row for each type.
struct FleetTables {
  let fleet: FleetComparison

  init(_ fleet: FleetComparison) { self.fleet = fleet }

  /// Networks first, kernels and probes in a section of their own.
  var sections: [Document.Section] {
    let networks = fleet.cases.filter(\.kind.isNetwork)
    let kernels = fleet.cases.filter { !$0.kind.isNetwork }
    let alone = fleet.casesOfOneRun.count
    let leftOut = alone == 0 ? "" : " Left out: \(Units.count(alone, "case")) of one run alone."
    let several =
      fleet.machineTypes.contains { $0.runs.count > 1 }
      ? " Of several runs the rate is their median, and the interval holds all of theirs." : ""
    let lead =
      "Within a case the fastest type stands first. The runs were not interleaved: a type is first "
      + "only where its 95 % interval is apart from all others, and nothing is averaged over cases."
      + several + leftOut
    return [
      section("fleet-cases", "Case by case", lead, networks),
      section("fleet-kernels", "Kernels and probes", networks.isEmpty ? lead : "", kernels),
    ].compactMap { $0 }
  }

  /// What else differs between the first runs of the types, or between all runs of one.
  func differences(between records: [ResultRecord]) -> Document.Section? {
    let isOneType = fleet.machineTypes.count == 1
    let shown = isOneType ? records : fleet.machineTypes.map { records[$0.runs[0] - 1] }
    let heads =
      isOneType
      ? records.indices.map { "Run \($0 + 1)" }
      : fleet.machineTypes.map { "\($0.letter), run \($0.runs[0])" }
    guard let table = Report.differences(between: shown, heads: heads) else { return nil }
    return Document.Section(
      id: "fleet-differences", title: "Machines and builds", short: "Machines", lead: "",
      // More columns than these have no room in a text.
      blocks: [.table(table)], isBrief: shown.count <= 6)
  }

  /// What a case is called: its id, without threads where those are all CPUs of each type.
  static func title(of item: FleetComparison.Case) -> String {
    let isOnEveryCPU = item.threads == nil && item.entries.contains { $0.id != item.name }
    return item.name.clipped(to: 80) + (isOnEveryCPU ? " on every CPU" : "")
  }

  private func section(
    _ id: String, _ title: String, _ lead: String, _ cases: [FleetComparison.Case]
  ) -> Document.Section? {
    guard !cases.isEmpty else { return nil }
    var groups: [[FleetComparison.Case]] = []
    for item in cases {
      if let last = groups.last?.first, Self.areAlike(last, item) {
        groups[groups.count - 1].append(item)
      } else {
        groups.append([item])
      }
    }
    return Document.Section(
      id: id, title: title, short: title, lead: lead,
      blocks: groups.enumerated().map { .table(table("\(id)-\($0.offset + 1)", $0.element)) })
  }

  /// Whether two cases fit the same columns.
  private static func areAlike(_ one: FleetComparison.Case, _ other: FleetComparison.Case) -> Bool {
    one.kind == other.kind && one.rateUnit == other.rateUnit && one.costUnit == other.costUnit
  }

  /// Cases of one kind, which have the same units.
  private func table(_ id: String, _ cases: [FleetComparison.Case]) -> DataTable {
    let costUnit = cases[0].costUnit
    let hasRange = cases.contains { $0.entries.contains { $0.rateRange != nil } }
    let hasFront = cases.contains { $0.entries.contains { $0.front != nil } }
    var columns: [DataTable.Column] = [
      .init("Case"), .init("Type"), .init("Rate", unit: cases[0].rateUnit, isNumber: true),
    ]
    if hasRange { columns.append(.init("Runs", isNumber: true, rank: 1)) }
    if let costUnit {
      columns.append(.init("Cost", unit: "USD per \(costUnit)", isNumber: true))
    }
    columns.append(.init("Fastest"))
    if hasFront {
      columns.append(.init("Cheapest"))
      columns.append(.init("Front", rank: 2))
    }
    let rows = cases.flatMap { item in
      item.entries.enumerated().map { place, entry -> [DataTable.Cell] in
        row(item, entry, isFirst: place == 0, columns: columns.count, hasRange, hasFront)
      }
    }
    return DataTable(
      id: id, caption: "\(Self.caption(of: cases[0].kind)), with 95 % intervals", columns: columns,
      rows: rows)
  }

  private func row(
    _ item: FleetComparison.Case, _ entry: FleetComparison.Entry, isFirst: Bool, columns: Int,
    _ hasRange: Bool, _ hasFront: Bool
  ) -> [DataTable.Cell] {
    let name = DataTable.Cell(Self.title(of: item), note: entry.id, tone: .code)
    let type = fleet.machineType(entry.machineType)?.name ?? ""
    if let refusal = entry.refusal {
      let reason = DataTable.Cell(
        "\(entry.machineType): no speed: \(refusal.clipped(to: 200))", tone: .bad,
        spansTheRest: true)
      return [name, reason] + Array(repeating: .init("–", tone: .quiet), count: columns - 2)
    }
    let bounds = Wording.interval(entry.rateInterval)
    let marked = entry.disturbed ? (bounds.isEmpty ? "disturbed" : bounds + " disturbed") : bounds
    var cells: [DataTable.Cell] = [
      name, .init(entry.machineType, note: type), number(entry.rate, marked),
    ]
    if hasRange { cells.append(range(entry)) }
    if item.costUnit != nil {
      cells.append(number(entry.usd, Wording.interval(entry.usdInterval)))
    }
    cells.append(Self.verdict(item.fastest, of: entry, isFirst: isFirst))
    if hasFront {
      cells.append(Self.verdict(item.cheapest, of: entry, isFirst: isFirst))
      cells.append(.init(entry.front?.rawValue ?? ""))
    }
    return cells
  }

  private func number(_ value: Double?, _ interval: String) -> DataTable.Cell {
    guard let value else { return .init("n/a", tone: .quiet) }
    return .init(NumberFormat.significant(value), number: value, interval: interval)
  }

  /// How many runs there are and what they span.
  private func range(_ entry: FleetComparison.Entry) -> DataTable.Cell {
    let count = entry.runs.count
    guard let range = entry.rateRange else { return .init(count: count) }
    let ends = range.map { NumberFormat.significant($0) }
    return .init("\(count)", number: Double(count), interval: "(\(ends[0])–\(ends[1]))")
  }

  /// Whether an entry is the winner; where none is, the first row of the case says why.
  private static func verdict(
    _ winner: FleetComparison.Winner, of entry: FleetComparison.Entry, isFirst: Bool
  ) -> DataTable.Cell {
    guard let best = winner.machineType else {
      return isFirst ? .init("open: \(winner.reason)", tone: .quiet) : .init("")
    }
    guard best == entry.machineType else { return .init("") }
    return .init(
      winner.provisional ? "yes, provisionally" : "yes", note: winner.reason, tone: .good)
  }

  private static func caption(of kind: CaseRecord.Kind) -> String {
    switch kind {
    case .infer: "Inference"
    case .decode: "One more token"
    case .prefill: "Reading a prompt"
    case .train: "Training steps"
    case .conv: "Convolutions"
    case .gemm: "Matrix products"
    case .peak: "Probes"
    }
  }
}
