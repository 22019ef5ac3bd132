import Economics

extension Report {
  /// Public records as points; the cheapest of each year and model gets room for its label first.
  func publicSeries(
    _ rows: [PublicRecord], id: String, name: String, unit: String, colour: Palette,
    shape: Chart.Shape
  ) -> Chart.Series {
    var best = Double.infinity
    var named: Set<String> = []
    let ranked = rows.sorted { $0.date < $1.date }.map { row -> Chart.Point in
      let isRecord = row.value < best
      best = min(best, row.value)
      // A label that stands there already is told apart by its place; hover has the rest.
      let short = shortName(row)
      let what = [row.model, row.hardware].filter { !$0.isEmpty }.joined(separator: ", ")
      let note = row.note.isEmpty ? "" : " (\(row.note))"
      return .init(
        x: Double(row.date.number), y: row.value, label: named.insert(short).inserted ? short : nil,
        detail: Wording.powers(
          "\(what): \(NumberFormat.significant(row.value)) \(unit), \(row.date)\(note). "
            + "Source: \(SourceAddress.followable(row.source))"),
        rank: isRecord ? 2 : 0, isPublic: true)
    }
    return .init(id: id, name: name, colour: colour, form: .points(shape), points: ranked)
  }

  /// The hardware in a word or two, or the model where no hardware is on record.
  private func shortName(_ row: PublicRecord) -> String {
    let hardware = row.hardware.split(separator: " / ").first.map(String.init) ?? ""
    let brief = hardware.split(separator: " (").first.map(String.init) ?? ""
    // `Amazon EC2 [c5.4xlarge]` is told by what stands in the brackets.
    let instance = brief.split(separator: "[").last.map { $0.filter { $0 != "]" } } ?? ""
    let times = instance.replacing(/\s?\*\s?/, with: " × ")
    return (times.isEmpty ? row.model : times).clipped(to: 26)
  }

  /// What a chart shows, as a table for those who cannot see it or want the sources.
  func table(of chart: Chart, id: String) -> DataTable {
    let isTime = chart.x.kind == .time
    let rows = chart.series.flatMap { series -> [[DataTable.Cell]] in
      if isTime, series.form == .line || series.form == .steps { return [] }
      return series.points.map { point in
        [
          .init(series.name),
          isTime
            ? .init(CalendarDay.text(point.x), number: point.x) : cell(point.x),
          cell(point.y), .init(point.detail, link: point.isPublic ? .addresses : .none),
        ]
      }
    }
    return DataTable(
      id: id, caption: "Data of the chart: \(chart.title)",
      columns: [
        .init("Series"), .init(chart.x.title, unit: chart.x.unit, isNumber: true),
        .init("Value", unit: chart.y.unit, isNumber: true), .init("What it is"),
      ], rows: rows)
  }
}
