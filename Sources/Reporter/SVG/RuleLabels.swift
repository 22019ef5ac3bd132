/// Places for the labels of upright reference lines, in rows above the plot: no label touches
/// another, and none is struck by a line.
///
/// A line begins at its own label and runs down to the foot of the plot, so it passes through all
/// rows below that of its label. A label stands to the right of its line, else to the left, else
/// over its upper end.
package struct RuleLabels: Sendable {
  /// One label and the height at which its line begins.
  package struct Spot: Hashable, Sendable {
    package var text: String
    /// Pixel of the line.
    package var line: Double
    /// Row of the label, the uppermost 0.
    package var row: Int
    /// What the label fills at most, from left to right.
    package var span: ClosedRange<Double>
    package var anchor: LabelPlacement.Anchor
    /// Whether the line begins below the label and not beside it.
    package var isBelow: Bool

    /// The pixel that the anchor of the text names.
    package var x: Double { anchor == .end ? span.upperBound : span.lowerBound }
  }

  /// One for each rule, in their order.
  package let spots: [Spot]
  /// Rows that are used.
  package let rows: Int

  /// Height of one row in pixels.
  package static let rowHeight = 17.0
  /// Between a line and what is written beside it.
  private static let gap = 5.0

  /// - Parameters:
  ///   - rules: Pixel of each line and its label.
  ///   - bounds: Pixels that labels may use.
  ///   - fontSize: In pixels.
  package init(
    _ rules: [(x: Double, label: String)], bounds: ClosedRange<Double>, fontSize: Double
  ) {
    func choices(_ share: Double) -> [[Spot]] {
      rules.map { RuleLabels.choices($0, bounds: bounds, share: share, fontSize: fontSize) }
    }
    // More lines than anybody can tell apart get a row each, whatever then meets.
    let limit = rules.count <= 6 ? rules.count : -1
    // Where whole labels find no place, cut ones do.
    for share in [1, 0.7, 0.5, 0.3] where limit >= 0 {
      for rows in 0...limit {
        if let spots = RuleLabels.solve(choices(share)[...], rows: rows, taken: []) {
          self.spots = spots
          self.rows = rows
          return
        }
      }
    }
    spots = choices(1).enumerated().compactMap { index, choices in
      guard var spot = choices.last else { return nil }
      spot.row = index
      return spot
    }
    rows = rules.count
  }

  /// Baseline of a spot's text with the first row's upper edge at `top`.
  package static func baseline(of spot: Spot, top: Double) -> Double {
    top + Double(spot.row) * rowHeight + 12
  }

  /// Where the line of a spot begins with the first row's upper edge at `top`.
  package static func start(of spot: Spot, top: Double) -> Double {
    top + (Double(spot.row) + (spot.isBelow ? 1 : 0)) * rowHeight
  }

  /// The places of one label, the best first.
  private static func choices(
    _ rule: (x: Double, label: String), bounds: ClosedRange<Double>, share: Double,
    fontSize: Double
  ) -> [Spot] {
    let room = (bounds.upperBound - bounds.lowerBound) * share
    let text = TextMetrics.fitted(rule.label, size: fontSize, limit: room)
    let width = min(TextMetrics.width(text, size: fontSize), room)
    func spot(_ from: Double, _ anchor: LabelPlacement.Anchor, isBelow: Bool = false) -> Spot {
      Spot(
        text: text, line: rule.x, row: 0, span: from...from + width, anchor: anchor,
        isBelow: isBelow)
    }
    let over = min(max(rule.x - width / 2, bounds.lowerBound), bounds.upperBound - width)
    let beside = [
      spot(rule.x + gap, .start), spot(rule.x - gap - width, .end),
    ].filter {
      bounds.lowerBound <= $0.span.lowerBound && $0.span.upperBound <= bounds.upperBound
    }
    return beside + [spot(over, .start, isBelow: true)]
  }

  /// The first places in that many rows for which nothing meets; nil where there are none.
  private static func solve(
    _ choices: ArraySlice<[Spot]>, rows: Int, taken: [Spot]
  ) -> [Spot]? {
    guard let next = choices.first else { return taken }
    for row in 0..<rows {
      for var spot in next {
        spot.row = row
        if taken.contains(where: { meets($0, spot) || meets(spot, $0) }) { continue }
        if let all = solve(choices.dropFirst(), rows: rows, taken: taken + [spot]) { return all }
      }
    }
    return nil
  }

  /// Whether `a` and `b` overlap, or the line of `a` strikes the label of `b`.
  private static func meets(_ a: Spot, _ b: Spot) -> Bool {
    let near = b.span.lowerBound - 3...b.span.upperBound + 3
    if a.row == b.row { return near.overlaps(a.span) || near.contains(a.line) }
    return a.row < b.row && near.contains(a.line)
  }
}

extension Markup {
  /// Writes the label of a reference line.
  package mutating func label(_ spot: RuleLabels.Spot, baseline: Double) {
    label(
      spot.text, x: spot.x, y: baseline, class: "tag",
      anchor: spot.anchor == .start ? nil : spot.anchor.rawValue)
  }
}
