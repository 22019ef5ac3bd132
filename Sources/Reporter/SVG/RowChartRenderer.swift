/// Draws a `RowChart` at one size.
package struct RowChartRenderer {
  private let chart: RowChart
  private let size: ChartLayout.Size
  private let scale: Scale
  private let plot: Box
  private let height: Double
  private let ruleLabels: RuleLabels
  /// Height of one row, and of one bar in it.
  private let rowHeight: Double
  private let barHeight: Double
  /// On a phone the row's name stands above its bars, not beside them.
  private let labelHeight: Double
  private var out = Markup()

  private static let font = 12.0
  /// Upper edge of the rows of the reference lines' labels.
  private static let ruleTop = 3.0

  private init(_ chart: RowChart, size: ChartLayout.Size) {
    self.chart = chart
    self.size = size
    let bars = Set(chart.series.filter { $0.shape == nil }.map(\.id))
    let barSeries =
      chart.rows.map { row in row.marks.count { bars.contains($0.series) } }.max() ?? 0
    barHeight = 14
    labelHeight = size == .narrow ? 17 : 0
    rowHeight = max(Double(barSeries) * (barHeight + 2) + 8, 23) + labelHeight
    let font = RowChartRenderer.font
    let widest = chart.rows.map { TextMetrics.width($0.label, size: font) }.max() ?? 0
    let left = size == .wide ? min(widest, 300) + 12 : 4
    let marks = chart.rows.flatMap(\.marks)
    let values = marks.flatMap { [$0.value, $0.interval?.upperBound ?? $0.value] }
    let domain =
      chart.axis.domain
      ?? Scale.domain(of: values + chart.rules.map(\.value), kind: .linear, fromZero: true)
    var right = 16.0
    // The figure after each bar needs room, and making room shortens the bars.
    for _ in 0..<4 {
      let scale = Scale(.linear, domain, from: left, to: size.width - right)
      let ends = marks.filter { bars.contains($0.series) }.compactMap { mark in
        mark.text.map {
          scale.position(min(mark.interval?.upperBound ?? mark.value, domain.upperBound)) + 8
            + TextMetrics.width($0, size: font)
        }
      }
      let excess = (ends.max() ?? 0) - size.width
      guard excess > 0, excess.isFinite, right + excess < size.width / 2 else { break }
      right += excess
    }
    scale = Scale(.linear, domain, from: left, to: size.width - right)
    let reached = chart.rules.filter { [scale] in scale.admits($0.value) }
    ruleLabels = RuleLabels(
      reached.map { [scale] in (x: scale.position($0.value), label: $0.label) },
      bounds: 0...size.width, fontSize: font)
    let top = Self.ruleTop + Double(ruleLabels.rows) * RuleLabels.rowHeight + 4
    plot = Box(
      x: left, y: top, width: size.width - left - right,
      height: Double(chart.rows.count) * rowHeight)
    height = plot.maxY + 48
  }

  /// Draws `chart`; deterministic, so that a drawing can be kept and compared.
  package static func render(_ chart: RowChart, size: ChartLayout.Size = .wide) -> Markup {
    var renderer = RowChartRenderer(chart, size: size)
    renderer.draw()
    return renderer.out
  }

  private mutating func draw() {
    out.openChart(
      id: "\(chart.id)-\(size.name)", title: chart.title, summary: chart.summary,
      width: size.width, height: height)
    drawAxis()
    drawRules()
    for (index, row) in chart.rows.enumerated() { name(row, top: top(of: index)) }
    for series in chart.series { draw(series) }
    out.close("svg")
  }

  private mutating func drawAxis() {
    var previous = -Double.infinity
    for tick in scale.ticks(count: Int(plot.width / 70), format: chart.axis.format) {
      let x = scale.position(tick.value)
      out.line(from: (x, plot.y), to: (x, plot.maxY), class: "grid")
      guard let label = tick.label else { continue }
      let width = TextMetrics.width(label, size: RowChartRenderer.font)
      let start = min(max(x - width / 2, 0), size.width - width)
      guard start > previous + 6 else { continue }
      previous = start + width
      out.label(label, x: start, y: plot.maxY + 18, class: "ax")
    }
    out.line(from: (plot.x, plot.maxY), to: (plot.maxX, plot.maxY), class: "edge")
    let caption = TextMetrics.fitted(
      chart.axis.caption, size: RowChartRenderer.font, limit: size.width)
    let width = TextMetrics.width(caption, size: RowChartRenderer.font)
    out.label(caption, x: max(plot.maxX - width, 0), y: plot.maxY + 38, class: "head")
  }

  /// Reference lines with their labels above the rows.
  private mutating func drawRules() {
    for spot in ruleLabels.spots {
      let from = RuleLabels.start(of: spot, top: Self.ruleTop)
      out.leaf("path", ["class": "rule", "d": rule(at: spot.line, from: from)])
      out.label(spot, baseline: RuleLabels.baseline(of: spot, top: Self.ruleTop))
    }
  }

  /// An upright line that leaves out what the names of the rows fill.
  private func rule(at x: Double, from top: Double) -> String {
    var path = "M\(pixels(x)) \(pixels(top))"
    if labelHeight > 0 {
      let font = RowChartRenderer.font
      for (index, row) in chart.rows.enumerated()
      where plot.x + TextMetrics.width(row.label, size: font) > x - 3 {
        let name = self.top(of: index)
        path += "V\(pixels(name))M\(pixels(x)) \(pixels(name + labelHeight))"
      }
    }
    return path + "V\(pixels(plot.maxY))"
  }

  private func top(of row: Int) -> Double { plot.y + Double(row) * rowHeight }

  private mutating func name(_ row: RowChart.Row, top: Double) {
    let font = RowChartRenderer.font
    if size == .wide {
      let text = TextMetrics.fitted(row.label, size: font, limit: plot.x - 12)
      out.label(
        text, x: plot.x - 10, y: top + rowHeight / 2 + font * 0.35, class: "row", anchor: "end")
    } else {
      let text = TextMetrics.fitted(row.label, size: font, limit: size.width - 8)
      out.label(text, x: plot.x, y: top + 14, class: "row")
    }
  }

  /// The marks of one series over all rows, their intervals beneath them in one path.
  private mutating func draw(_ series: RowChart.Series) {
    let bars = Set(chart.series.filter { $0.shape == nil }.map(\.id))
    let entries = chart.rows.enumerated().flatMap { index, row in
      row.marks.filter { $0.series == series.id && $0.value.isFinite && $0.value >= 0 }.map {
        mark -> (mark: RowChart.Mark, middle: Double) in
        let middle = top(of: index) + labelHeight + (rowHeight - labelHeight) / 2
        guard series.shape == nil else { return (mark, middle) }
        let inRow = row.marks.map(\.series).filter { bars.contains($0) }
        let order = Double(inRow.firstIndex(of: series.id) ?? 0)
        return (mark, middle + (order - Double(inRow.count - 1) / 2) * (barHeight + 2))
      }
    }
    guard !entries.isEmpty else { return }
    out.open("g", ["class": "series c\(series.colour.rawValue)", "data-series": series.id])
    if let shape = series.shape {
      let spans = entries.compactMap { span($0.mark, $0.middle) }
      if !spans.isEmpty { out.leaf("path", ["class": "span", "d": spans.joined()]) }
      if series.isAside {
        let rings = entries.map {
          shape.path(at: (scale.position($0.mark.value), $0.middle), radius: 3.2)
        }
        out.leaf("path", ["class": "mark open", "d": rings.joined()])
      } else {
        for (mark, middle) in entries {
          out.mark(
            shape, at: (scale.position(mark.value), middle), radius: 4.5, detail: mark.detail)
        }
      }
    } else {
      for (mark, middle) in entries { draw(mark, bar: middle) }
    }
    out.close("g")
  }

  private func span(_ mark: RowChart.Mark, _ middle: Double) -> String? {
    guard let interval = mark.interval else { return nil }
    let low = scale.position(max(interval.lowerBound, scale.domain.lowerBound))
    let high = scale.position(min(interval.upperBound, scale.domain.upperBound))
    return high - low > 1 ? "M\(pixels(low)) \(pixels(middle))H\(pixels(high))" : nil
  }

  private mutating func draw(_ mark: RowChart.Mark, bar middle: Double) {
    let zero = scale.position(max(0, scale.domain.lowerBound))
    let end = scale.position(min(mark.value, scale.domain.upperBound))
    out.bar(
      Box(x: zero, y: middle - barHeight / 2, width: max(end - zero, 0.5), height: barHeight),
      corner: 2, detail: mark.detail)
    var textStart = end + 6
    if let interval = mark.interval {
      let low = scale.position(interval.lowerBound)
      let high = scale.position(min(interval.upperBound, scale.domain.upperBound))
      out.leaf(
        "path",
        [
          "class": "whisker",
          "d": "M\(pixels(low)) \(pixels(middle))H\(pixels(high))"
            + "M\(pixels(low)) \(pixels(middle - 3))v6M\(pixels(high)) \(pixels(middle - 3))v6",
        ])
      textStart = max(textStart, high + 6)
    }
    guard let text = mark.text else { return }
    let width = TextMetrics.width(text, size: RowChartRenderer.font)
    out.label(text, x: min(textStart, size.width - width), y: middle + 4, class: "tag")
  }
}
