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

  /// One factor a year through all points; nil with fewer than three.
  package var fit: LogLinearFit? { LogLinearFit(points.map { ($0.date, $0.value) }) }

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

extension Curve {
  /// The curves fitted to the DAWNBench frontiers, with the interval of the yearly factor in the
  /// note: what the records say where the documents draw a line.
  package static func fitted(_ records: Records = .builtIn) throws -> [Curve] {
    let frontiers = [
      (
        "train-cost-fit", "Cost to train to 93 % top-5", "USD",
        Frontier(try PublicRecord.trainingCosts(records)), "dawnbench_imagenet_train.csv"
      ),
      (
        "inference-cost-fit", "Cost to classify 10^9 images", "USD per 1e9 images",
        Frontier(try PublicRecord.inferenceCosts(records)), "dawnbench_imagenet_inference.csv"
      ),
    ]
    return frontiers.compactMap { id, title, unit, frontier, source in
      frontier.fit.map { fit in
        Curve(
          id: id, title: "\(title), fitted to DAWNBench's best", unit: unit, basis: .measured,
          anchorDay: fit.days.lowerBound, anchorValue: fit.start, annualFactor: fit.annualFactor,
          validity: fit.days, claims: [],
          note: """
            \(Figure.text(1 / fit.annualFactor))x cheaper a year, 95 % interval \
            \(Figure.text(1 / fit.interval.upperBound)) to \
            \(Figure.text(1 / fit.interval.lowerBound)), \(fit.count) records, \
            R² \(Figure.text(fit.rSquared))
            """,
          source: source)
      }
    }
  }
}
