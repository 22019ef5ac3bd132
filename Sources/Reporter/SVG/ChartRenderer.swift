/// Draws a `Chart` at one size.
package struct ChartRenderer {
  private let chart: Chart
  private let layout: ChartLayout
  private var placement: LabelPlacement
  private var out = Markup()

  private var font: Double { layout.size.fontSize }
  private var plot: Box { layout.plot }

  private init(_ chart: Chart, size: ChartLayout.Size) {
    self.chart = chart
    layout = ChartLayout(chart, size: size)
    placement = LabelPlacement(bounds: layout.plot.insetBy(2), fontSize: size.fontSize)
  }

  /// Draws `chart`; deterministic, so that a drawing can be kept and compared.
  package static func render(_ chart: Chart, size: ChartLayout.Size = .wide) -> Markup {
    var renderer = ChartRenderer(chart, size: size)
    renderer.draw()
    return renderer.out
  }

  private mutating func draw() {
    out.openChart(
      id: "\(chart.id)-\(layout.size.name)", title: chart.title, summary: chart.summary,
      width: layout.size.width, height: layout.height)
    drawBands()
    drawAxes()
    reserveMarks()
    drawRules()
    for series in chart.series { draw(series) }
    drawLabels()
    out.close("svg")
  }

  // MARK: Frame

  private mutating func drawBands() {
    for band in chart.bands {
      let low = max(layout.x.position(band.range.lowerBound), plot.x)
      let high = min(layout.x.position(band.range.upperBound), plot.maxX)
      guard high > low else { continue }
      if band.isShaded {
        out.leaf(
          "rect",
          [
            "class": "band", "x": pixels(low), "y": pixels(plot.y), "width": pixels(high - low),
            "height": pixels(plot.height),
          ])
      }
      let text = TextMetrics.fitted(band.label, size: font, limit: high - low - 8)
      guard text.count > 3 else { continue }
      if let placed = placement.place(text, at: [(x: low + 4, y: plot.y + 4)]) {
        write(placed, class: "ax")
      }
    }
  }

  private mutating func drawAxes() {
    var (grid, edge) = ("", "")
    for tick in layout.yTicks where tick.label != nil {
      grid += "M\(pixels(plot.x)) \(pixels(layout.y.position(tick.value)))H\(pixels(plot.maxX))"
    }
    if !grid.isEmpty { out.leaf("path", ["class": "grid", "d": grid]) }
    for tick in layout.yTicks {
      let y = layout.y.position(tick.value)
      guard let label = tick.label else { continue }
      out.label(label, x: plot.x - 7, y: y + font * 0.35, class: "ax", anchor: "end")
    }
    for tick in layout.xTicks {
      let x = layout.x.position(tick.value)
      let length = tick.label == nil ? 3.0 : 5
      edge += "M\(pixels(x)) \(pixels(plot.maxY))v\(pixels(length))"
      guard let label = tick.label else { continue }
      out.label(label, x: x, y: plot.maxY + 18, class: "ax", anchor: "middle")
    }
    edge += "M\(pixels(plot.x)) \(pixels(plot.maxY))H\(pixels(plot.maxX))"
    out.leaf("path", ["class": "edge", "d": edge])
    let limit = layout.size.width
    let yCaption = TextMetrics.fitted(chart.y.caption, size: font, limit: limit)
    out.label(yCaption, x: 0, y: 13, class: "head")
    let xCaption = TextMetrics.fitted(chart.x.caption, size: font, limit: limit)
    out.label(xCaption, x: plot.maxX, y: plot.maxY + 37, class: "head", anchor: "end")
  }

  private mutating func drawRules() {
    drawUprightRules()
    let level = chart.rules.filter { $0.direction == .horizontal && layout.y.admits($0.value) }
    for rule in level {
      let y = layout.y.position(rule.value)
      out.line(from: (plot.x, y), to: (plot.maxX, y), class: "rule")
      placement.avoid(from: (plot.x, y), to: (plot.maxX, y))
    }
    for rule in level {
      let y = layout.y.position(rule.value)
      let width = TextMetrics.width(rule.label, size: font)
      let starts = [plot.maxX - width - 6, plot.x + 6, plot.x + plot.width / 2]
      let corners = starts.flatMap { [(x: $0, y: y - font * 1.25 - 3), (x: $0, y: y + 4)] }
      if let placed = placement.place(rule.label, at: corners) { write(placed, class: "tag") }
    }
  }

  /// Reference lines with their labels above the plot, where nothing strikes them.
  private mutating func drawUprightRules() {
    for spot in layout.ruleLabels.spots {
      let (from, to) = (
        (x: spot.line, y: RuleLabels.start(of: spot, top: ChartLayout.ruleTop)),
        (x: spot.line, y: plot.maxY)
      )
      out.line(from: from, to: to, class: "rule")
      placement.avoid(from: from, to: to)
      out.label(spot, baseline: RuleLabels.baseline(of: spot, top: ChartLayout.ruleTop))
    }
  }

  // MARK: Data

  /// Keeps all labels off all marks and lines, whichever is drawn first.
  private mutating func reserveMarks() {
    for series in chart.series {
      switch series.form {
      case .points(let shape), .lineAndPoints(let shape):
        let radius = radius(of: shape) * shape.reach + 1
        for point in series.points where layout.shows(point) {
          let (x, y) = layout.place(point)
          placement.reserve(
            Box(x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius))
        }
      case .columns(let width):
        for point in series.points where layout.shows(point) {
          placement.reserve(column(point, width: width))
        }
      case .line, .steps: break
      }
      for segment in layout.segments(of: series) {
        placement.avoid(from: segment.from, to: segment.to)
      }
    }
  }

  private mutating func draw(_ series: Chart.Series) {
    out.open("g", ["class": "series c\(series.colour.rawValue)", "data-series": series.id])
    if series.form == .line { drawRibbon(of: series) }
    drawCurve(of: series)
    drawSpans(of: series)
    for point in series.points where layout.shows(point) {
      switch series.form {
      case .points(let shape), .lineAndPoints(let shape):
        out.mark(shape, at: layout.place(point), radius: radius(of: shape), detail: point.detail)
      case .columns(let width): out.bar(column(point, width: width), detail: point.detail)
      case .line, .steps: continue
      }
    }
    out.close("g")
  }

  /// The intervals of all points of a series, in one path.
  private mutating func drawSpans(of series: Chart.Series) {
    guard series.form != .line else { return }
    let spans = series.points.filter { layout.shows($0) }.compactMap { point -> String? in
      guard let interval = point.interval else { return nil }
      let x = layout.place(point).x
      let top = max(layout.y.position(interval.upperBound), plot.y)
      let bottom = min(layout.y.position(interval.lowerBound), plot.maxY)
      return bottom - top > 1 ? "M\(pixels(x)) \(pixels(top))V\(pixels(bottom))" : nil
    }
    if !spans.isEmpty { out.leaf("path", ["class": "span", "d": spans.joined()]) }
  }

  private func column(_ point: Chart.Point, width: Double) -> Box {
    let low = max(layout.x.position(point.x - width / 2), plot.x)
    let high = min(layout.x.position(point.x + width / 2), plot.maxX)
    let top = layout.y.position(point.y)
    return Box(x: low, y: top, width: max(high - low, 0.5), height: max(plot.maxY - top, 0))
  }

  /// The area between the bounds of a line's intervals, cut to the axes.
  private mutating func drawRibbon(of series: Chart.Series) {
    let edges = series.points.compactMap { point in
      point.interval.map { bounds in
        (
          x: layout.x.position(point.x), low: layout.y.position(bounds.lowerBound),
          high: layout.y.position(bounds.upperBound)
        )
      }
    }.filter { plot.x <= $0.x && $0.x <= plot.maxX && $0.low.isFinite && $0.high.isFinite }
    guard edges.count > 1 else { return }
    func inside(_ y: Double) -> Double { min(max(y, plot.y), plot.maxY) }
    let outline =
      edges.map { "\(pixels($0.x)) \(pixels(inside($0.high)))" }
      + edges.reversed().map { "\(pixels($0.x)) \(pixels(inside($0.low)))" }
    out.leaf("path", ["class": "ribbon", "d": "M" + outline.joined(separator: "L") + "Z"])
  }

  private mutating func drawCurve(of series: Chart.Series) {
    var path = ""
    var isSolid = true
    var last: (x: Double, y: Double)?
    func flush(_ out: inout Markup) {
      if !path.isEmpty { out.leaf("path", ["class": isSolid ? "curve" : "curve out", "d": path]) }
      path = ""
    }
    for segment in layout.segments(of: series) {
      let continues = last.map { $0 == segment.from } ?? false
      if !continues || segment.isSolid != isSolid {
        flush(&out)
        isSolid = segment.isSolid
        path = "M\(pixels(segment.from.x)) \(pixels(segment.from.y))"
      }
      path += "L\(pixels(segment.to.x)) \(pixels(segment.to.y))"
      last = segment.to
    }
    flush(&out)
  }

  private mutating func drawLabels() {
    let wanted = chart.series.flatMap { series in
      series.points.filter { $0.label != nil && layout.shows($0) }.map { (series, $0) }
    }.enumerated().sorted { ($0.element.1.rank, -$0.offset) > ($1.element.1.rank, -$1.offset) }
    for (_, (series, point)) in wanted {
      guard let label = point.label else { continue }
      let text = label.clipped(to: layout.size == .wide ? 40 : 28)
      guard
        let placed = placement.place(
          text, beside: layout.place(point), radius: reach(of: series.form),
          orBeside: layout.places(along: series, from: point))
      else { continue }
      out.open("g", ["data-series": series.id])
      write(placed, class: series.form == .points(.star) ? "tag own" : "tag")
      out.close("g")
    }
  }

  // MARK: Text

  private func radius(of shape: Chart.Shape) -> Double {
    shape == .star ? 6.5 : layout.size == .wide ? 4.5 : 4
  }

  /// Distance from a point at which its label may begin.
  private func reach(of form: Chart.Form) -> Double {
    switch form {
    // The label of a star is bold, and wider than it is measured.
    case .points(.star): radius(of: .star) * Chart.Shape.star.reach + 4
    case .points(let shape), .lineAndPoints(let shape): radius(of: shape) * shape.reach
    case .line, .steps, .columns: 2
    }
  }

  private mutating func write(_ placed: LabelPlacement.Placed, class style: String) {
    out.label(
      placed.text, x: placed.x, y: placed.baseline, class: style,
      anchor: placed.anchor == .start ? nil : placed.anchor.rawValue)
  }
}
