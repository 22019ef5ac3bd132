import Foundation

/// What a chart shows as rows, the first of which names the columns.
enum ChartData {
  /// One row a point, series by series; dates as YYYY-MM-DD.
  static func rows(of chart: Chart) -> [[String]] {
    let isTime = chart.x.kind == .time
    let head = ["series", name(of: chart.x), name(of: chart.y), "low", "high", "label"]
    return [head]
      + chart.series.flatMap { series in
        series.points.map { point in
          [
            series.name, isTime ? CalendarDay.text(point.x) : number(point.x), number(point.y),
            number(point.interval?.lowerBound), number(point.interval?.upperBound),
            point.label ?? "",
          ]
        }
      }
  }

  /// One row a mark.
  static func rows(of chart: RowChart) -> [[String]] {
    let names = Dictionary(chart.series.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
    let head = ["row", "series", name(of: chart.axis), "low", "high"]
    return [head]
      + chart.rows.flatMap { row in
        row.marks.map { mark in
          [
            row.label, names[mark.series] ?? mark.series, number(mark.value),
            number(mark.interval?.lowerBound), number(mark.interval?.upperBound),
          ]
        }
      }
  }

  private static func name(of axis: Chart.Axis) -> String {
    let title = axis.title.isEmpty ? "value" : axis.title
    return axis.unit.isEmpty ? title : "\(title) (\(axis.unit))"
  }

  private static func number(_ value: Double?) -> String {
    value.map { String(format: "%.6g", $0) } ?? ""
  }
}
