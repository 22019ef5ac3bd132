import Basics
import Foundation

/// What evaluating one expression has used and given: enough to follow it with a calculator.
package struct Evaluation: Hashable, Sendable {
  /// A cell of a record table.
  package struct Site: Hashable, Sendable {
    package var table: String
    package var row: Int
    package var column: Int
  }

  /// A number that a claim states.
  package struct Statement: Hashable, Sendable {
    package var claim: String
    package var name: String

    package init(claim: String, name: String) { (self.claim, self.name) = (claim, name) }
  }

  package fileprivate(set) var value = 0.0
  package fileprivate(set) var inputs: [AuditedCheck.Input] = []
  package fileprivate(set) var steps: [String] = []
  /// Every cell that was read, also those that a minimum passed over.
  package fileprivate(set) var cells: [Site] = []
  package fileprivate(set) var statements: [Statement] = []
}

/// What the names of an expression stand for.
package struct Evaluator {
  package var records: Records
  /// Every claim's numbers, by claim id.
  package var numbers: [String: [String: Claim.Number]]
  /// The claim that `said.NAME` is about.
  package var claim: String?
  /// The row that bare column names are about.
  package var row: (table: Table, index: Int)?

  package init(
    records: Records, numbers: [String: [String: Claim.Number]] = [:], claim: String? = nil,
    row: (table: Table, index: Int)? = nil
  ) {
    self.records = records
    self.numbers = numbers
    self.claim = claim
    self.row = row
  }

  /// The value of an expression, which has to be a number, with the way there.
  ///
  /// - Throws: `Problem` where a name is unknown, no record matches, rows disagree, or the
  ///   result is no finite number.
  package func evaluate(_ expression: Expression) throws -> Evaluation {
    var run = EvaluationRun(evaluator: self, expression: expression)
    let quantity = try run.value(of: expression.root)
    guard !quantity.isDay else { throw run.error("this is a date, not a number", expression.root) }
    run.evaluation.value = quantity.value
    return run.evaluation
  }
}

/// A number, or a day as the number of days since 1970.
private struct Quantity {
  var value: Double
  var isDay = false
  var text: String { isDay ? Day(number: Int(value)).description : Figure.text(value) }
}

private struct EvaluationRun {
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
      return try note(
        part, quantities([row.index], of: row.table, column, part)[0], row.table, row.index)
    case .cell(let name, let conditions, let column):
      let table = try table(name, part)
      let rows = try rows(of: table, conditions, part)
      let all = try quantities(rows, of: table, column, part)
      guard all.count == rows.count, all.allSatisfy({ $0.value == all[0].value }) else {
        throw error(
          "\(rows.count) records match and do not agree; narrow the selection", part)
      }
      return try note(part, all[0], table, rows[0])
    case .negate(let operand):
      return Quantity(value: -(try number(operand)))
    case .binary(let operation, let left, let right):
      return try binary(operation, left, right)
    case .call(let function, let arguments):
      return try call(function, arguments, part)
    }
  }

  private mutating func binary(
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

  private mutating func call(
    _ function: String, _ arguments: [Expression.Part], _ part: Expression.Part
  ) throws -> Quantity {
    switch (function, arguments.count) {
    case ("years", 2), ("months", 2):
      let (from, to) = (try day(arguments[0]), try day(arguments[1]))
      let value = function == "years" ? from.years(to: to) : from.months(to: to)
      step("\(function) from \(from) to \(to): \(to.number - from.number) days", value)
      return try finite(value, part)
    case ("log2", 1), ("log10", 1), ("ln", 1), ("sqrt", 1):
      let x = try number(arguments[0])
      let value =
        switch function {
        case "log2": log2(x)
        case "log10": log10(x)
        case "ln": log(x)
        default: x.squareRoot()
        }
      step("\(function)(\(Figure.text(x)))", value)
      return try finite(value, part)
    case ("min", 1...), ("max", 1...), ("mean", 1...), ("sum", 1...), ("count", 1...):
      return try aggregate(function, arguments, part)
    case ("doubling_months", 2):
      let days = try column(arguments[0])
      let values = try column(arguments[1])
      guard days.count == values.count, days.allSatisfy(\.isDay) else {
        throw error("doubling_months takes a column of dates and one of values", part)
      }
      // A system with one row for each way of counting is still one point.
      var seen: Set<[Double]> = []
      let points = zip(days, values).filter { seen.insert([$0.value, $1.value]).inserted }
      guard let fit = LogLinearFit(points.map { (Day(number: Int($0.value)), $1.value) }) else {
        throw error("a fit needs three points above 0 on different days", part)
      }
      leastSquares(points.map { ($0.value, log2($1.value)) })
      step(
        "365.25 ÷ 30.436875 ÷ \(Figure.text(log2(fit.annualFactor)))", fit.doublingMonths)
      return try finite(fit.doublingMonths, part)
    default:
      throw error("there is no function '\(function)' of \(arguments.count) values", part)
    }
  }

  /// The steps of a straight line through (day, log2 of the value), for following it by hand.
  private mutating func leastSquares(_ points: [(day: Double, y: Double)]) {
    let first = points.map(\.day).min() ?? 0
    let x = points.map { ($0.day - first) / 365.25 }
    let n = Double(points.count)
    let (sumX, sumY) = (x.reduce(0, +), points.reduce(0) { $0 + $1.y })
    let sumXX = x.reduce(0) { $0 + $1 * $1 }
    let sumXY = zip(x, points).reduce(0) { $0 + $1.0 * $1.1.y }
    func list(_ values: [Double]) -> String { values.map(Figure.text).joined(separator: "; ") }
    evaluation.steps += [
      "x, years from \(Day(number: Int(first))): \(list(x))",
      "y, log2 of the values: \(list(points.map(\.y)))",
      "n = \(points.count), Σx = \(Figure.text(sumX)), Σy = \(Figure.text(sumY)), "
        + "Σx² = \(Figure.text(sumXX)), Σxy = \(Figure.text(sumXY))",
    ]
    step(
      "doublings a year: (n·Σxy − Σx·Σy) ÷ (n·Σx² − (Σx)²)",
      (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX))
  }

  private mutating func aggregate(
    _ function: String, _ arguments: [Expression.Part], _ part: Expression.Part
  ) throws -> Quantity {
    var values: [Double] = []
    for argument in arguments {
      let quantities = try column(argument)
      guard function == "count" || !quantities.contains(where: \.isDay) else {
        throw error("dates have no \(function)", argument)
      }
      values += quantities.map(\.value)
    }
    let sum = values.reduce(0, +)
    let value =
      switch function {
      case "min": values.min() ?? .nan
      case "max": values.max() ?? .nan
      case "sum": sum
      case "count": Double(values.count)
      default: sum / Double(values.count)
      }
    let shown = values.prefix(6).map(Figure.text).joined(separator: "; ")
    step("\(function) of \(shown)\(values.count > 6 ? "; … (\(values.count) values)" : "")", value)
    return try finite(value, part)
  }

  /// All values of a cell reference; of anything else the one value that it has.
  private mutating func column(_ part: Expression.Part) throws -> [Quantity] {
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

  private mutating func said(
    _ claim: String?, _ name: String, _ part: Expression.Part
  ) throws -> Quantity {
    guard let id = claim ?? evaluator.claim, let numbers = evaluator.numbers[id] else {
      throw error("no claim '\(claim ?? "")' is recorded", part)
    }
    guard let number = numbers[name] else {
      throw error("the claim '\(id)' states no '\(name)'", part)
    }
    evaluation.statements.append(Evaluation.Statement(claim: id, name: name))
    let input = AuditedCheck.Input(
      name: expression.text(of: part), value: number.value, text: nil,
      source: "the claim: \(Figure.text(number.value)) \(number.unit)"
        + (number.when.map { ", \($0)" } ?? ""))
    if !evaluation.inputs.contains(input) { evaluation.inputs.append(input) }
    return Quantity(value: number.value)
  }

  private func table(_ name: String, _ part: Expression.Part) throws -> Table {
    do {
      return try evaluator.records.table(name)
    } catch let failure as Problem {
      throw error(failure.description, part)
    }
  }

  private func rows(
    of table: Table, _ conditions: [Expression.Condition], _ part: Expression.Part
  ) throws -> [Int] {
    var rows = Array(table.rows.indices)
    for condition in conditions {
      let name = condition.column ?? table.columns[0]
      guard let column = table.index(of: name) else {
        let hint = NearestNames.hint(to: name, among: table.columns)
        throw error("the table '\(table.name)' has no column '\(name)'.\(hint)", part)
      }
      rows.removeAll { row in
        !condition.values.contains { condition.holds(table.rows[row][column], $0) }
      }
    }
    if rows.isEmpty { throw error("no record matches", part) }
    return rows
  }

  /// The values of a column over some rows, without the cells that the source leaves empty.
  private mutating func quantities(
    _ rows: [Int], of table: Table, _ column: String, _ part: Expression.Part
  ) throws -> [Quantity] {
    guard let index = table.index(of: column) else {
      let hint = NearestNames.hint(to: column, among: table.columns)
      throw error("the table '\(table.name)' has no column '\(column)'.\(hint)", part)
    }
    var found: [Quantity] = []
    for row in rows where !table.rows[row][index].isEmpty {
      let cell = table.rows[row][index]
      evaluation.cells.append(Evaluation.Site(table: table.name, row: row, column: index))
      if let number = Double(cell), number.isFinite {
        found.append(Quantity(value: number))
      } else if let day = Day(cell) {
        found.append(Quantity(value: Double(day.number), isDay: true))
      } else {
        throw error("'\(cell)' in \(table.name), row \(row + 2), is no number or date", part)
      }
    }
    if found.isEmpty { throw error("no matching record has a value", part) }
    return found
  }

  private mutating func note(
    _ part: Expression.Part, _ quantity: Quantity, _ table: Table, _ row: Int
  ) throws -> Quantity {
    add(name: expression.text(of: part), quantity, table, row)
    return quantity
  }

  private mutating func add(name: String, _ quantity: Quantity, _ table: Table, _ row: Int) {
    let source = table.columns.first { $0.hasPrefix("source") }.map { table.text(row, $0) } ?? ""
    let input = AuditedCheck.Input(
      name: name, value: quantity.value, text: quantity.isDay ? quantity.text : nil,
      source: "\(table.name).csv, row \(row + 2): \(source)")
    // Rows that repeat a value, one for each way of counting it, are one input.
    let isKnown = evaluation.inputs.contains { $0.name == name && $0.value == input.value }
    if !isKnown { evaluation.inputs.append(input) }
  }

  private mutating func number(_ part: Expression.Part) throws -> Double {
    let quantity = try value(of: part)
    guard !quantity.isDay else {
      throw error("a date cannot be calculated with; use years(from, to)", part)
    }
    return quantity.value
  }

  private mutating func day(_ part: Expression.Part) throws -> Day {
    let quantity = try value(of: part)
    guard quantity.isDay else { throw error("a date is needed", part) }
    return Day(number: Int(quantity.value))
  }

  private mutating func step(_ arithmetic: String, _ value: Double) {
    evaluation.steps.append("\(arithmetic) = \(Figure.text(value))")
  }

  private func operand(_ value: Double) -> String {
    value < 0 ? "(\(Figure.text(value)))" : Figure.text(value)
  }

  private func finite(_ value: Double, _ part: Expression.Part) throws -> Quantity {
    guard value.isFinite else { throw error("the result is no finite number", part) }
    return Quantity(value: value)
  }

  func error(_ message: String, _ part: Expression.Part) -> Problem {
    Problem(text: expression.text, position: part.range.lowerBound, message: message)
  }
}

extension Expression.Condition {
  /// Whether a cell satisfies the condition with one of its values: as dates where both are, as
  /// numbers where both are, as text otherwise.
  fileprivate func holds(_ cell: String, _ value: String) -> Bool {
    switch comparison {
    case .contains: return cell.contains(value)
    case .equal: return cell == value
    case .notEqual: return cell != value
    case .atMost, .atLeast, .below, .above: break
    }
    let order: (Double, Double)
    if let a = Double(cell), let b = Double(value) {
      order = (a, b)
    } else if let a = Day(cell), let b = Day(value) {
      order = (Double(a.number), Double(b.number))
    } else {
      return false
    }
    return switch comparison {
    case .atMost: order.0 <= order.1
    case .atLeast: order.0 >= order.1
    case .below: order.0 < order.1
    default: order.0 > order.1
    }
  }
}
