import Basics

/// A figure that a document states, as the claims have it: its value, its unit, its date in the
/// document's words.
///
/// Whatever a report says that a document states is one of these. What is read off a line that
/// was drawn through them is not, and is called ours.
package struct StatedFigure: Hashable, Sendable {
  package let claim: String
  package let value: Double
  package let unit: String
  /// The time for which it is stated, such as `end of 2020`; nil where none is.
  package let when: String?
  /// Where charts put it, which is our reading of `when`.
  package let day: Day

  /// `1000 (2017)` or `0.03`, every digit as stated.
  package var text: String { Figure.text(value) + (when.map { " (\($0))" } ?? "") }

  /// A cell of the column `stated`: `claim.number@date`.
  package struct Reference: Hashable, Sendable {
    package let claim: String
    package let number: String
    package let day: Day

    /// - Throws: `Problem` where the text is no reference; `row` of `curves.csv` from 0.
    init(_ text: String, row: Int) throws {
      let halves = text.split(separator: "@")
      let names = halves.first?.split(separator: ".") ?? []
      guard halves.count == 2, names.count == 2, let day = Day(String(halves[1])) else {
        throw Problem(
          .malformed, "curves.csv, row \(row + 2): '\(text)' is not claim.number@date.")
      }
      (claim, number, self.day) = (String(names[0]), String(names[1]), day)
    }
  }
}

extension Curve {
  /// The figures that the documents state of what the curve shows, in the order of their dates.
  ///
  /// - Throws: `Problem` where `claims` lack one of them.
  package func figures(in claims: [Claim]) throws -> [StatedFigure] {
    try stated.map { reference in
      guard
        let number = claims.first(where: { $0.id == reference.claim })?.numbers[reference.number]
      else {
        throw Problem(
          .absent,
          "the curve '\(id)' rests on \(reference.claim).\(reference.number), which no claim "
            + "states.")
      }
      return StatedFigure(
        claim: reference.claim, value: number.value, unit: number.unit, when: number.when,
        day: reference.day)
    }.sorted { $0.day < $1.day }
  }
}
