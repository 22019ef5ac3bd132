import Basics
import Foundation

/// A cost, gain or compute curve that multiplies by the same factor every year.
///
/// `value(t) = anchorValue · annualFactor^((t − anchorDay) / 365.25 days)`.
package struct Curve: Hashable, Sendable {
  package enum Basis: String, Sendable {
    /// A document says so.
    case claimed
    /// Drawn through public records.
    case measured
    /// What a document would have to mean for the records to fit.
    case hypothesis
  }

  /// A value and whether the curve says anything about that day.
  package struct Value: Hashable, Sendable {
    package var value: Double
    /// False where the day lies outside `validity`: the value is then an extrapolation.
    package var isInRange: Bool
    package var validity: ClosedRange<Day>
  }

  package let id: String
  package let title: String
  package let unit: String
  package let basis: Basis
  package let anchorDay: Day
  package let anchorValue: Double
  package let annualFactor: Double
  package let validity: ClosedRange<Day>
  /// Ids of the claims that state it or rest on it.
  package let claims: [String]
  package let note: String
  package let source: String
  /// The stated figures that a claimed curve is drawn through or beside, as `curves.csv` has them.
  package var stated: [StatedFigure.Reference] = []
  /// The fit that the curve is, with its interval and band; nil where it is no fit.
  package var fit: LogLinearFit?

  /// The value on a day, never without saying whether the day is in range.
  package func value(at day: Day) -> Value {
    Value(
      value: anchorValue * pow(annualFactor, anchorDay.years(to: day)),
      isInRange: validity.contains(day), validity: validity)
  }

  /// Months in which the value doubles or halves.
  package var doublingMonths: Double { abs(12 * log(2) / log(annualFactor)) }

  package static func all(_ records: Records = .builtIn) throws -> [Curve] {
    let table = try records.table("curves")
    return try table.rows.indices.map { row in
      guard let anchor = table.day(row, "anchor_date"), let from = table.day(row, "valid_from"),
        let to = table.day(row, "valid_to"), from <= to,
        let value = table.number(row, "anchor_value"), value > 0,
        let factor = table.number(row, "annual_factor"), factor > 0,
        let basis = Basis(rawValue: table.text(row, "basis"))
      else {
        throw Problem(
          .malformed, "curves.csv, row \(row + 2): dates, values above 0 and a basis are needed.")
      }
      return Curve(
        id: table.text(row, "id"), title: table.text(row, "title"),
        unit: table.text(row, "unit"), basis: basis, anchorDay: anchor, anchorValue: value,
        annualFactor: factor, validity: from...to,
        claims: table.text(row, "claims").split(separator: " ").map(String.init),
        note: table.text(row, "note"), source: table.text(row, "source"),
        stated: try table.text(row, "stated").split(separator: " ").map {
          try StatedFigure.Reference(String($0), row: row)
        })
    }
  }

  /// The curve of that id.
  ///
  /// - Throws: `Problem` with the nearest ids where there is none.
  package static func named(_ id: String, in records: Records = .builtIn) throws -> Curve {
    let curves = try all(records)
    guard let curve = curves.first(where: { $0.id == id }) else {
      let hint = NearestNames.hint(to: id, among: curves.map(\.id))
      throw Problem(.absent, "there is no curve '\(id)'.\(hint)")
    }
    return curve
  }
}
