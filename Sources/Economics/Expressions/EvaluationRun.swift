import Basics
import Foundation

/// A number, or a day as the number of days since 1970.
struct Quantity {
  var value: Double
  var isDay = false
  var text: String { isDay ? Day(number: Int(value)).description : Figure.text(value) }
}

struct EvaluationRun {
  let evaluator: Evaluator
  let expression: Expression
  var evaluation = Evaluation()

  mutating func value(of part: Expression.Part) throws -> Quantity {
    switch part.node {
    case .number(let value):
      return Quantity(value: value)
    case .day(let day):
      return Quantity(value: Double(day.number), isDay: true)
    case .said(let claim, let name):
      return try said(claim, name, part)
    case .column(let column):
      guard let row = evaluator.row else { throw error("there is no row for '\(column)'", part) }
      let quantity = try quantities([row.index], of: row.table, column, part)[0]
      add(name: expression.text(of: part), quantity, row.table, row.index)
      return quantity
    case .cell(let name, let conditions, let column):
      let table = try table(name, part)
      let rows = try rows(of: table, conditions, part)
      let all = try quantities(rows, of: table, column, part)
      guard all.count == rows.count, all.allSatisfy({ $0.value == all[0].value }) else {
        throw error("\(rows.count) records match and do not agree; narrow the selection", part)
      }
      add(name: expression.text(of: part), all[0], table, rows[0])
      return all[0]
    case .negate(let operand):
      return Quantity(value: -(try number(operand)))
    case .binary(let operation, let left, let right):
      return try binary(operation, left, right)
    case .call(let function, let arguments):
      return try call(function, arguments, part)
    }
  }

  mutating func binary(
    _ operation: Expression.Operation, _ left: Expression.Part, _ right: Expression.Part
  ) throws -> Quantity {
    let (a, b) = (try number(left), try number(right))
    let value =
      switch operation {
      case .add: a + b
      case .subtract: a - b
      case .multiply: a * b
      case .divide: a / b
      case .power: pow(a, b)
      }
    step("\(operand(a)) \(operation.rawValue) \(operand(b))", value)
    return try finite(value, right)
  }

  /// All values of a cell reference; of anything else the one value that it has.
  mutating func column(_ part: Expression.Part) throws -> [Quantity] {
    guard case .cell(let name, let conditions, let column) = part.node else {
      return [try value(of: part)]
    }
    let table = try table(name, part)
    let rows = try rows(of: table, conditions, part)
    let all = try quantities(rows, of: table, column, part)
    guard !all.isEmpty else { throw error("no matching record has a value", part) }
    let key = table.index(of: "entry") == nil ? table.columns[0] : "entry"
    for row in rows where !table.text(row, column).isEmpty {
      let value = try quantities([row], of: table, column, part)[0]
      add(
        name: "\(name)[\(table.text(row, key))].\(column)", value, table, row)
    }
    return all
  }

  mutating func said(
    _ claim: String?, _ name: String, _ part: Expression.Part
  ) throws -> Quantity {
    guard let id = claim ?? evaluator.claim, let numbers = evaluator.numbers[id] else {
      throw error("no claim '\(claim ?? "")' is recorded", part)
    }
    guard let number = numbers[name] else {
      throw error("the claim '\(id)' states no '\(name)'", part)
    }
    let input = AuditedCheck.Input(
      name: expression.text(of: part), value: number.value, text: nil,
      source: "the claim: \(Figure.text(number.value)) \(number.unit)"
        + (number.when.map { ", \($0)" } ?? ""))
    if !evaluation.inputs.contains(input) { evaluation.inputs.append(input) }
    return Quantity(value: number.value)
  }

  func table(_ name: String, _ part: Expression.Part) throws -> Table {
    do {
      return try evaluator.records.table(name)
    } catch let failure as Problem {
      throw error(failure.description, part)
    }
  }

  func rows(
    of table: Table, _ conditions: [Expression.Condition], _ part: Expression.Part
  ) throws -> [Int] {
    var rows = Array(table.rows.indices)
    for condition in conditions {
      let column = try index(of: condition.column ?? table.columns[0], in: table, part)
      rows.removeAll { row in
        !condition.values.contains { condition.holds(table.rows[row][column], $0) }
      }
    }
    if rows.isEmpty { throw error("no record matches", part) }
    return rows
  }

  func index(of column: String, in table: Table, _ part: Expression.Part) throws -> Int {
    guard let index = table.index(of: column) else {
      let hint = NearestNames.hint(to: column, among: table.columns)
      throw error("the table '\(table.name)' has no column '\(column)'.\(hint)", part)
    }
    return index
  }

  /// The values of a column over some rows, without the cells that the source leaves empty.
  mutating func quantities(
    _ rows: [Int], of table: Table, _ column: String, _ part: Expression.Part
  ) throws -> [Quantity] {
    let index = try index(of: column, in: table, part)
    var found: [Quantity] = []
    for row in rows where !table.rows[row][index].isEmpty {
      let cell = table.rows[row][index]
      evaluation.cells.append(Evaluation.Site(table: table.name, row: row, column: index))
      if let number = Double(cell), number.isFinite {
        found.append(Quantity(value: number))
      } else if let day = Day(cell) {
        found.append(Quantity(value: Double(day.number), isDay: true))
      } else {
        throw error("'\(cell)' in \(table.name), row \(row + 2), is not a number or date", part)
      }
    }
    if found.isEmpty { throw error("no matching record has a value", part) }
    return found
  }

  mutating func add(name: String, _ quantity: Quantity, _ table: Table, _ row: Int) {
    let source = table.columns.first { $0.hasPrefix("source") }.map { table.text(row, $0) } ?? ""
    let input = AuditedCheck.Input(
      name: name, value: quantity.value, text: quantity.isDay ? quantity.text : nil,
      source: "\(table.name).csv, row \(row + 2): \(source)")
    // Rows that repeat a value, one for each way of counting it, are one input.
    let isKnown = evaluation.inputs.contains { $0.name == name && $0.value == input.value }
    if !isKnown { evaluation.inputs.append(input) }
  }

  mutating func number(_ part: Expression.Part) throws -> Double {
    let quantity = try value(of: part)
    guard !quantity.isDay else {
      throw error("a date cannot be calculated with; use years(from, to)", part)
    }
    return quantity.value
  }

  mutating func day(_ part: Expression.Part) throws -> Day {
    let quantity = try value(of: part)
    guard quantity.isDay else { throw error("a date is needed", part) }
    return Day(number: Int(quantity.value))
  }

  mutating func step(_ arithmetic: String, _ value: Double) {
    evaluation.steps.append("\(arithmetic) = \(Figure.text(value))")
  }

  func operand(_ value: Double) -> String {
    value < 0 ? "(\(Figure.text(value)))" : Figure.text(value)
  }

  func finite(_ value: Double, _ part: Expression.Part) throws -> Quantity {
    guard value.isFinite else { throw error("the result is not a finite number", part) }
    return Quantity(value: value)
  }

  func error(_ message: String, _ part: Expression.Part) -> Problem {
    Problem(text: expression.text, position: part.range.lowerBound, message: message)
  }
}
