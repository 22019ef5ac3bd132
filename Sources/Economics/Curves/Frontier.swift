import Foundation

/// The best on record at each time: the running minimum of dated costs.
package struct Frontier: Hashable, Sendable {
  /// Records in order of time, each below all before it, one a day.
  package let points: [PublicRecord]

  /// How fast the records fell from one to another.
  package struct Pace: Hashable, Sendable {
    package var from: PublicRecord
    package var to: PublicRecord
    /// How many times cheaper a year.
    package var ratioPerYear: Double

    package var ratio: Double { from.value / to.value }
    package var months: Double { from.date.months(to: to.date) }
  }

  package init(_ records: [PublicRecord]) {
    var best: [PublicRecord] = []
    for record in records.sorted(by: { ($0.date, $0.value) < ($1.date, $1.value) }) {
      if let last = best.last, record.value >= last.value { continue }
      best.append(record)
    }
    points = best
  }

  /// First record to last; nil with fewer than two days.
  package var whole: Pace? {
    guard let first = points.first, let last = points.last else { return nil }
    return pace(from: first, to: last)
  }

  /// The longest span from the first record over which costs fell at least so fast on average;
  /// nil where they never did.
  package func longestSpan(atLeast ratioPerYear: Double) -> Pace? {
    guard let first = points.first else { return nil }
    return points.reversed().lazy.compactMap { pace(from: first, to: $0) }
      .first { $0.ratioPerYear >= ratioPerYear }
  }

  /// From one of its records to the last.
  package func rest(after record: PublicRecord) -> Pace? {
    points.last.flatMap { pace(from: record, to: $0) }
  }

  private func pace(from: PublicRecord, to: PublicRecord) -> Pace? {
    let years = from.date.years(to: to.date)
    guard years > 0 else { return nil }
    return Pace(from: from, to: to, ratioPerYear: pow(from.value / to.value, 1 / years))
  }
}
