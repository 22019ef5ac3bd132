import Basics

/// Arithmetic that has to hold in every row of a record table, such as cost is time times price.
///
/// A row in which a cell of the identity is empty is left out.
package struct TableIdentity: Hashable, Sendable {
  package var table: String
  /// Over the columns of the row.
  package var expression: String
  /// The column that has to equal it.
  package var column: String
  /// How far they may differ: the rounding of the source.
  package var percent: Double
  package var why: String

  /// One identity over all rows of its table.
  package struct Result: Hashable, Sendable {
    /// Rows in which all cells are given.
    package var rows: Int
    package var disagreements: [String]
  }

  /// Checks all identities of `identities.csv`.
  ///
  /// - Throws: `Problem` where that table or an expression in it cannot be read.
  package static func check(_ records: Records) throws -> [Result] {
    let rules = try records.table("identities")
    return try rules.rows.indices.map { row in
      guard let percent = rules.number(row, "percent"), percent > 0 else {
        throw Problem(
          .malformed, "identities.csv, row \(row + 2): a per cent above 0 is needed")
      }
      let identity = TableIdentity(
        table: rules.text(row, "table"), expression: rules.text(row, "expression"),
        column: rules.text(row, "equals"), percent: percent, why: rules.text(row, "why"))
      return try identity.check(records)
    }
  }

  private func check(_ records: Records) throws -> Result {
    let table = try records.table(table)
    let expression: Expression
    do {
      expression = try Expression(self.expression)
    } catch let error as Problem {
      throw Problem(.malformed, "identities.csv: \(error)")
    }
    let columns = expression.root.columns + [column]
    if let missing = columns.first(where: { table.index(of: $0) == nil }) {
      throw Problem(
        .malformed, "identities.csv names a column '\(missing)' that \(table.name) does not have.")
    }
    var result = Result(rows: 0, disagreements: [])
    for row in table.rows.indices where columns.allSatisfy({ !table.text(row, $0).isEmpty }) {
      result.rows += 1
      let place = "\(table.name).csv, row \(row + 2)"
      let evaluator = Evaluator(records: records, row: (table, row))
      guard let value = try? evaluator.evaluate(expression).value,
        let stated = table.number(row, column)
      else {
        result.disagreements.append("\(place): \(self.expression) is not a number")
        continue
      }
      if abs(value / stated - 1) > percent / 100 {
        result.disagreements.append(
          "\(place): \(self.expression) is \(Figure.text(value)), \(column) says "
            + "\(Figure.text(stated)): \(why)")
      }
    }
    if result.rows == 0 {
      result.disagreements.append("\(table.name): no row has all of \(columns)")
    }
    return result
  }
}

extension Expression.Part {
  fileprivate var columns: [String] {
    switch node {
    case .column(let name): [name]
    case .negate(let operand): operand.columns
    case .binary(_, let left, let right): left.columns + right.columns
    case .call(_, let arguments): arguments.flatMap(\.columns)
    default: []
    }
  }
}
