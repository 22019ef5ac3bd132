import Economics
import Harness

/// What a comparison of machine types comes to, in a few sentences and a table of the types.
struct FleetAnswer {
  let fleet: FleetComparison

  init(_ fleet: FleetComparison) { self.fleet = fleet }

  var section: Document.Section {
    Document.Section(
      id: "answer", title: "The answer", short: "Answer",
      lead: sentences.joined(separator: " "), blocks: [.table(types)])
  }

  private var sentences: [String] {
    guard let lead = fleet.lead else { return ["These runs have no case in common."] }
    guard fleet.machineTypes.count > 1 else { return [spread(lead)] }
    return [speed(lead), cost(lead), tally].filter { !$0.isEmpty }
  }

  /// `A (AMD EPYC, 2 CPUs)`.
  private func name(_ letter: String) -> String {
    let name = fleet.machineType(letter).map { " (\($0.name.clipped(to: 60)))" }
    return letter + (name ?? "")
  }

  private func entry(_ letter: String, _ item: FleetComparison.Case) -> FleetComparison.Entry? {
    item.entries.first { $0.machineType == letter }
  }

  /// Which type is the fastest at a case, and by how much.
  private func speed(_ item: FleetComparison.Case) -> String {
    let title = FleetTables.title(of: item)
    guard let best = item.fastest.machineType else {
      return "Which machine type is the fastest at \(title) is open: \(item.fastest.reason)."
    }
    let rate = entry(best, item).map { entry in
      ": \(figure(entry.rate, entry.rateInterval)) \(item.rateUnit)"
    }
    let lead = item.fastest.ratio.map { ratio in
      ", \(Units.ratio(ratio)) \(Wording.interval(item.fastest.ratioInterval)) as fast as the next"
    }
    return "\(name(best)) is the fastest at \(title)"
      + (item.fastest.provisional ? ", provisionally" : "") + "\(rate ?? "")\(lead ?? "")."
  }

  /// Which type is the cheapest at a case, or why that is open; nothing where nothing is priced.
  private func cost(_ item: FleetComparison.Case) -> String {
    guard let unit = item.costUnit else { return "" }
    guard let best = item.cheapest.machineType else {
      let remedy = isAssumed ? "; assumed prices are one price per CPU for all" : ""
      return "Which is the cheapest is open: \(item.cheapest.reason)\(remedy)."
    }
    let usd = entry(best, item).map { entry in
      ": \(figure(entry.usd, entry.usdInterval, .usd)) per \(unit)"
    }
    let isOfSome = item.cheapest.reason.hasSuffix("of their own")
    let among = isOfSome ? " of those with a price of their own" : ""
    return "\(name(best)) is the cheapest\(among)"
      + (item.cheapest.provisional ? ", provisionally" : "") + "\(usd ?? "")."
  }

  /// Whether fewer than two types have a price that can win.
  private var isAssumed: Bool { fleet.machineTypes.count(where: \.hasOwnPrice) < 2 }

  /// In how many cases of networks each type is the fastest: a count, and no average.
  private var tally: String {
    let networks = fleet.cases.filter { $0.kind.isNetwork && $0.entries.count > 1 }
    guard networks.count > 1 else { return "" }
    let parts = fleet.machineTypes.compactMap { type -> String? in
      let count = networks.count { $0.fastest.machineType == type.letter }
      return count == 0 ? nil : "\(type.letter) in \(count)"
    }
    let open = networks.count { $0.fastest.machineType == nil }
    let told = parts + (open == 0 ? [] : ["open in \(open)"])
    return "Fastest of \(Units.count(networks.count, "case")) of networks: "
      + told.joined(separator: ", ") + "."
  }

  /// What runs of one type differ by.
  private func spread(_ item: FleetComparison.Case) -> String {
    let title = FleetTables.title(of: item)
    guard let entry = item.entries.first, let rate = entry.rate, let range = entry.rateRange else {
      return "All runs are of one machine type; \(title) has no spread to tell."
    }
    let share = Units.percent(100 * (range[1] - range[0]) / rate, digits: 2)
    return "All runs are of one machine type. At \(title) \(Units.count(entry.runs.count, "run")) "
      + "gave \(Wording.interval(range)) \(item.rateUnit), a spread of \(share)."
  }

  private func figure(
    _ value: Double?, _ interval: [Double]?, _ format: NumberFormat = .plain
  ) -> String {
    guard let value else { return "n/a" }
    let bounds = Wording.interval(interval, format)
    return format.text(value) + (bounds.isEmpty ? "" : " " + bounds)
  }

  /// The types with their runs and prices.
  private var types: DataTable {
    DataTable(
      id: "fleet-types", caption: "Machine types, in the order of their first runs",
      columns: [
        .init("Type"), .init("Machine"), .init("Runs"),
        .init("Price", unit: "USD/h", isNumber: true), .init("What price"),
      ],
      rows: fleet.machineTypes.map { (type: FleetComparison.MachineType) -> [DataTable.Cell] in
        let price = type.usdPerHour.map { usd in
          DataTable.Cell(NumberFormat.significant(usd), number: usd)
        }
        return [
          .init(type.letter, note: type.name), .init(type.name.clipped(to: 80)),
          .init(runs(of: type)), price ?? .init("n/a", tone: .quiet), basis(type),
        ]
      }, isSortable: false)
  }

  /// `1 (laptop.json), 3 (other.json)`.
  private func runs(of type: FleetComparison.MachineType) -> String {
    let shown = type.runs.prefix(4).map { number in
      "\(number) (\(fleet.runs[number - 1].file.clipped(to: 24)))"
    }
    return (shown + (type.runs.count > 4 ? ["…"] : [])).joined(separator: ", ")
  }

  private func basis(_ type: FleetComparison.MachineType) -> DataTable.Cell {
    guard let basis = type.priceBasis else { return .init("no price", tone: .quiet) }
    let first = basis.split(whereSeparator: { ",;".contains($0) }).first.map(String.init) ?? basis
    return .init(
      first.clipped(to: 80) + (type.hasOwnPrice ? "" : " (cannot win)"), note: basis,
      tone: type.hasOwnPrice ? .plain : .quiet)
  }
}
