import Harness
import History

extension Document {
  /// How cases moved over the runs of one machine.
  package init(trends: [Trend]) {
    self.init(
      title: "History of \(Units.count(trends.count, "case"))",
      subtitle: "Times per call; runs of other machines are left out, never compared.",
      sections: trends.map { trend in
        Section(
          id: Self.anchor(trend.caseID), title: trend.caseID, short: trend.caseID,
          lead: Self.lead(trend),
          blocks: [
            .paragraph(TerminalReport.sparkline(trend.points.suffix(72).map(\.medianNs))),
            .chart(Self.chart(trend)), .table(Self.levels(trend)),
          ])
      })
  }

  /// When a change is told as a step.
  static let needsOfAStep =
    "a step needs \(StepDetection.minimumSessions) runs on each side and "
    + Units.percent(100 * StepDetection.smallestStep, digits: 1)

  /// A change of level: longer times are worse.
  static func cell(step: Double?) -> DataTable.Cell {
    guard let step else { return .init("–") }
    return .init(
      (step > 0 ? "+" : "") + Units.percent(100 * step), number: step,
      tone: step > 0 ? .bad : .good)
  }

  private static func anchor(_ id: String) -> String {
    String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }

  private static func lead(_ trend: Trend) -> String {
    var text = "\(Units.count(trend.points.count, "run")) on machine \(trend.machine)"
    if let last = trend.points.last {
      text += ", the latest \(Units.nanoseconds(last.medianNs)) on \(last.date)"
    }
    if trend.isSuspect, let surprise = trend.surprise {
      text += ". Its robust z-score among the runs before it is "
      text += Units.number(surprise, digits: 2)
      text += ": run 'costcurve check' against a baseline to know"
    }
    if let last = trend.accepted.last {
      text += ". Its level was accepted as meant" + (last.isEmpty ? "" : ": \(last)")
    }
    if !trend.leftOut.isEmpty {
      text += ". Left out, because the machine or build differs: "
      text += trend.leftOut.joined(separator: " | ")
    }
    return text + "."
  }

  private static func levels(_ trend: Trend) -> DataTable {
    let rows = zip(trend.pieces, trend.steps).map { piece, step -> [DataTable.Cell] in
      let (first, last) = (piece.range.lowerBound, piece.range.upperBound - 1)
      return [
        .init(trend.points[first].date), .init(trend.points[last].date),
        .init(count: piece.range.count),
        .init(Units.nanoseconds(piece.level), number: piece.level), cell(step: step),
      ]
    }
    return DataTable(
      id: "levels-" + anchor(trend.caseID),
      caption: "Levels; \(needsOfAStep)",
      columns: [
        .init("From"), .init("To"), .init("Runs", isNumber: true), .init("Level", isNumber: true),
        .init("Step", isNumber: true),
      ], rows: rows)
  }

  private static func chart(_ trend: Trend) -> Chart {
    let days = trend.points.enumerated().map { index, point in
      CalendarDay.parse(point.date) ?? Double(index)
    }
    let points = zip(days, trend.points).map { day, point in
      Chart.Point(
        x: day, y: point.medianNs / 1e6,
        interval: point.intervalNs.map { min($0[0], $0[1]) / 1e6...max($0[0], $0[1]) / 1e6 },
        detail: "run \(point.run), \(point.date): \(Units.nanoseconds(point.medianNs))")
    }
    let levels = trend.pieces.flatMap { piece in
      [piece.range.lowerBound, piece.range.upperBound - 1].map { index in
        Chart.Point(x: days[index], y: piece.level / 1e6)
      }
    }
    return Chart(
      id: "trend-" + anchor(trend.caseID), title: trend.caseID,
      summary:
        "\(Units.count(trend.points.count, "run")) in \(Units.count(trend.pieces.count, "level")).",
      x: .init("Date", kind: .time),
      y: .init("Time per call", unit: "ms", kind: .linear, fromZero: true),
      series: [
        .init(
          id: "runs", name: "Runs", colour: .accent, form: .points(.circle), points: points),
        .init(id: "levels", name: "Levels", colour: .grey, form: .line, points: levels),
      ])
  }
}
