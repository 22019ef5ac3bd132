import Basics
import Harness

/// What is not to be compared, each refused with the runs at fault.
extension FleetRuns {
  /// - Throws: `notComparable`.
  func refuseTheIncomparable() throws(Problem) {
    try refuseTheSameRun()
    try refuseWrongAnswers()
    try refuseSeveralPriceDates()
    try refuseStrangers()
  }

  /// A run that is given twice would make a type seem to have no spread.
  private func refuseTheSameRun() throws(Problem) {
    for later in records.indices {
      for earlier in 0..<later where Self.areOneRun(records[earlier], records[later]) {
        throw Problem(
          .notComparable,
          "\(name(later)) is the same run as \(name(earlier)) and tells nothing more; give each "
            + "once.")
      }
    }
  }

  /// Whether two records are of one run, whatever became of its price, names and samples.
  private static func areOneRun(_ one: ResultRecord, _ other: ResultRecord) -> Bool {
    one.context.date == other.context.date && one.context.seed == other.context.seed
      && one.context.machine.cpu == other.context.machine.cpu
      && one.cases.map(\.id) == other.cases.map(\.id)
      && one.cases.map(\.statistics) == other.cases.map(\.statistics)
  }

  private func refuseWrongAnswers() throws(Problem) {
    for (run, record) in records.enumerated() {
      // A probe answers nothing.
      let wrong = record.cases.first { $0.isWrong || ($0.isImpossible && $0.kind != .peak) }
      guard let wrong else { continue }
      let reason = wrong.validity.reasons.first ?? "wrong answer"
      throw Problem(
        .notComparable,
        "\(name(run)) has a wrong or impossible result, \(wrong.id.prefix(80)): "
          + "\(reason.prefix(200)); nothing of it is compared.")
    }
  }

  /// List prices of several dates differ by more than the machines.
  private func refuseSeveralPriceDates() throws(Problem) {
    var dates: [(date: String, run: Int)] = []
    for (run, record) in records.enumerated() {
      guard let date = record.price?.asOf else { continue }
      if !dates.contains(where: { $0.date == date }) { dates.append((date: date, run: run)) }
    }
    guard dates.count > 1 else { return }
    let list = dates.prefix(4).map { "\($0.date.prefix(20)) in \(name($0.run))" }
    throw Problem(
      .notComparable,
      "list prices are of several dates: \(list.joined(separator: ", ")); --usd-per-hour gives all "
        + "runs one price, or render each at its own first.")
  }

  /// - Throws: `notComparable` where the runs of one type have several prices of an hour.
  func refuseTwoPricesOfOneType() throws(Problem) {
    for group in groups {
      let first = records[group[0]].price?.usdPerHour
      for run in group.dropFirst() where !Self.isOnePrice(first, records[run].price?.usdPerHour) {
        let prices = [first, records[run].price?.usdPerHour].map { price in
          price.map { "\(Figure.text($0)) USD an hour" } ?? "no price"
        }
        throw Problem(
          .notComparable,
          "\(name(group[0])) and \(name(run)) are of one machine type at two prices, "
            + "\(prices[0]) and \(prices[1]); --usd-per-hour gives all runs one.")
      }
    }
  }

  private static func isOnePrice(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return abs(one - other) <= 1e-9 * max(one, other)
  }

  /// Another build may have meant other work by a name.
  ///
  /// - Throws: `notComparable` where runs do not say that they did the same.
  func refuseOtherWork(_ group: Group) throws(Problem) {
    let first = group.items[0]
    let unit = FleetMeasure(first.item, of: first.run)?.unit
    for (run, item) in group.items.dropFirst() {
      let other = FleetMeasure(item, of: run)?.unit
      if let unit, let other, unit != other {
        throw Problem(
          .notComparable,
          "\(group.name.prefix(80)) counts \(other) in \(name(run)) and \(unit) in "
            + "\(name(first.run)).")
      }
      let (here, there) = (first.item.flop.direct, item.flop.direct)
      // Probes do as much as their machine's caches ask for, and software of others may not say.
      guard item.kind != .peak, here > 0, there > 0, abs(here - there) > 1e-9 * max(here, there)
      else { continue }
      throw Problem(
        .notComparable,
        "\(group.name.prefix(80)) is \(Units.flop(there)) in \(name(run)), \(Units.flop(here)) in "
          + "\(name(first.run)): not the same work.")
    }
  }
}
