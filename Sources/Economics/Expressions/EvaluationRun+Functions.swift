import Foundation
import Harness

extension EvaluationRun {
  mutating func call(
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
      let values = Units.count(arguments.count, "value")
      throw error("there is no function '\(function)' of \(values)", part)
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
}
