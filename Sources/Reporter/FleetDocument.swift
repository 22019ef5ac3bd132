import Economics
import Harness

extension Document {
  /// Machine types as a document: which is the fastest and which the cheapest, then case by case.
  ///
  /// - Parameters:
  ///   - fleet: The comparison.
  ///   - records: Its runs, in their order.
  package init(_ fleet: FleetComparison, records: [ResultRecord]) {
    let heading = Units.count(fleet.machineTypes.count, "machine type")
    let dates = fleet.runs.map { String($0.date.prefix(10)) }
    let first = dates.min() ?? ""
    let last = dates.max() ?? ""
    let span = first == last ? "of \(first)" : "from \(first) to \(last)"
    var sections = [FleetAnswer(fleet).section] + FleetTables(fleet).sections
    if let scatter = FleetScatter(fleet).section { sections.append(scatter) }
    if let differences = FleetTables(fleet).differences(between: records) {
      sections.append(differences)
    }
    let headline =
      fleet.runs.contains(where: \.busy)
      ? "A machine was busy while it was measured: its rates are too low, its costs too high."
      : "More than the machines may differ between these runs."
    self.init(
      title: "costcurve: \(heading)", heading: heading,
      subtitle: "\(Units.count(fleet.runs.count, "run")) \(span), by processor and number of CPUs.",
      notice: .init(headline, of: fleet.validity), sections: sections)
  }
}
