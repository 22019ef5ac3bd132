/// Where the parts of a chart go at one size.
package struct ChartLayout: Sendable {
  /// The two forms of each chart: for a desk and for a phone.
  package enum Size: Hashable, Sendable, CaseIterable {
    case wide, narrow

    package var width: Double { self == .wide ? 900 : 360 }
    package var fontSize: Double { 12 }
    package var name: String { self == .wide ? "wide" : "narrow" }
  }

  package let size: Size
  package let height: Double
  /// The rectangle inside the axes.
  package let plot: Box
  package let x: Scale
  package let y: Scale
  package let xTicks: [Tick]
  package let yTicks: [Tick]
  /// Labels of the upright reference lines that the axis reaches, above the plot.
  package let ruleLabels: RuleLabels

  /// Upper edge of the rows of these labels.
  package static let ruleTop = 20.0

  package init(_ chart: Chart, size: Size) {
    self.size = size
    let font = size.fontSize
    let room = size == .wide ? chart.height : min(chart.height, chart.isSmall ? 240 : 400)
    let bottom = 46.0
    let plotHeight = room - 30 - bottom
    let xDomain =
      chart.x.domain
      ?? Scale.domain(
        of: chart.allX, kind: chart.x.kind, fromZero: chart.x.fromZero)
    let yDomain =
      chart.y.domain
      ?? Scale.domain(
        of: chart.allY, kind: chart.y.kind, fromZero: chart.y.fromZero)
    let yFromZero = Scale(chart.y.kind, yDomain, from: plotHeight, to: 0)
    let yTicks = ChartLayout.thinned(
      yFromZero.ticks(count: Int(plotHeight / 46), format: chart.y.format)
    ) { [y = yFromZero] tick, _ in
      Box(x: 0, y: y.position(tick.value) - font * 0.7, width: 1, height: font * 1.4)
    }
    let widest =
      yTicks.compactMap(\.label).map { TextMetrics.width($0, size: font) }.max() ?? 0
    let left = widest + 12
    let right = 16.0
    let x = Scale(chart.x.kind, xDomain, from: left, to: size.width - right)
    let upright = chart.rules.filter { $0.direction == .vertical && x.admits($0.value) }
    ruleLabels = RuleLabels(
      upright.map { (x: x.position($0.value), label: $0.label) },
      bounds: 0...size.width, fontSize: font)
    let top =
      ruleLabels.rows == 0
      ? 30 : Self.ruleTop + Double(ruleLabels.rows) * RuleLabels.rowHeight + 4
    height = top + plotHeight + bottom
    y = Scale(chart.y.kind, yDomain, from: top + plotHeight, to: top)
    (self.x, self.yTicks) = (x, yTicks)
    plot = Box(x: left, y: top, width: size.width - left - right, height: plotHeight)
    let limit = size.width
    xTicks = ChartLayout.thinned(
      x.ticks(count: Int(plot.width / 64), format: chart.x.format)
    ) { tick, label in
      let width = TextMetrics.width(label, size: font) + 10
      let centre = x.position(tick.value)
      return centre + width / 2 - 5 > limit
        ? nil : Box(x: centre - width / 2, y: 0, width: width, height: 1)
    }
  }

  /// The ticks with as many labels as do not touch each other, evenly thinned.
  private static func thinned(_ ticks: [Tick], box: (Tick, String) -> Box?) -> [Tick] {
    let labelled = ticks.enumerated().filter { $0.element.label != nil }
    for stride in 1...max(labelled.count, 1) {
      var kept: [Int: Box] = [:]
      var previous: Box?
      var isFree = true
      for (order, entry) in labelled.enumerated() where order.isMultiple(of: stride) {
        guard let label = entry.element.label, let box = box(entry.element, label) else { continue }
        if let previous, previous.overlaps(box) {
          isFree = false
          break
        }
        previous = box
        kept[entry.offset] = box
      }
      if isFree {
        return ticks.enumerated().map { offset, tick in
          Tick(tick.value, kept[offset] == nil ? nil : tick.label)
        }
      }
    }
    return ticks.map { Tick($0.value, nil) }
  }

  /// Pixel of a point.
  package func place(_ point: Chart.Point) -> (x: Double, y: Double) {
    (x.position(point.x), y.position(point.y))
  }

  /// Whether a mark at the point lies inside the axes.
  package func shows(_ point: Chart.Point) -> Bool { x.admits(point.x) && y.admits(point.y) }
}

extension Chart {
  /// Every x that a fitted axis has to show.
  var allX: [Double] {
    series.flatMap { series -> [Double] in
      guard case .columns(let width) = series.form else { return series.points.map(\.x) }
      return series.points.flatMap { [$0.x - width / 2, $0.x + width / 2] }
    } + rules.filter { $0.direction == .vertical }.map(\.value)
  }

  /// Every y that a fitted axis has to show.
  var allY: [Double] {
    series.flatMap { series in
      series.points.flatMap { point in
        [point.y, point.interval?.lowerBound ?? point.y, point.interval?.upperBound ?? point.y]
      }
    } + rules.filter { $0.direction == .horizontal }.map(\.value)
  }
}
