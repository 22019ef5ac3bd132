import Economics

extension FleetComparison {
  /// A head line, then one row a case and machine type.
  package var csv: String {
    let head = [
      "case", "id", "kind", "threads", "machine_type", "machine", "cpu", "cpus", "instance", "runs",
      "rate", "rate_unit", "rate_low", "rate_high", "rate_slowest", "rate_fastest", "usd",
      "cost_unit", "usd_low", "usd_high", "usd_per_hour", "price_basis", "has_own_price", "fastest",
      "cheapest", "front", "provisional", "disturbed", "refusal",
    ]
    let rows = cases.flatMap { item in item.entries.map { row(item, $0) } }
    return CSVReport.text([head] + rows)
  }

  private func row(_ item: Case, _ entry: Entry) -> [String] {
    let number: (Double?) -> String = CSVReport.number
    let type = machineType(entry.machineType)
    let what: [String] = [
      item.name, entry.id, item.kind.rawValue, item.threads.map { "\($0)" } ?? "",
      entry.machineType, type?.name ?? "", type?.cpu ?? "", type.map { "\($0.cpus)" } ?? "",
      type?.instance ?? "", entry.runs.map { "\($0)" }.joined(separator: " "),
    ]
    let rate: [String] = [
      number(entry.rate), item.rateUnit, number(entry.rateInterval?.first),
      number(entry.rateInterval?.last), number(entry.rateRange?.first),
      number(entry.rateRange?.last),
    ]
    let cost: [String] = [
      number(entry.usd), item.costUnit ?? "", number(entry.usdInterval?.first),
      number(entry.usdInterval?.last), number(type?.usdPerHour), type?.priceBasis ?? "",
      type.map { "\($0.hasOwnPrice)" } ?? "",
    ]
    let verdicts: [String] = [
      verdict(item.fastest, entry), verdict(item.cheapest, entry), entry.front?.rawValue ?? "",
      "\(entry.provisional)", "\(entry.disturbed)", entry.refusal ?? "",
    ]
    return what + rate + cost + verdicts
  }

  private func verdict(_ winner: Winner, _ entry: Entry) -> String {
    winner.machineType.map { "\($0 == entry.machineType)" } ?? "open"
  }
}
