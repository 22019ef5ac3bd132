/// A chart with one row per named thing and its values along a linear axis: bars or dots.
package struct RowChart: Hashable, Sendable {
  /// Letters, digits and hyphens; unique on a page.
  package var id: String
  package var title: String
  /// What a reader should see in the picture, for those who cannot see it.
  package var summary: String
  package var axis: Chart.Axis
  /// The series in the order of the legend.
  package var series: [Series]
  package var rows: [Row]
  /// Upright reference lines, such as a measured peak.
  package var rules: [Chart.Rule]

  package init(
    id: String, title: String, summary: String, axis: Chart.Axis, series: [Series], rows: [Row],
    rules: [Chart.Rule] = []
  ) {
    (self.id, self.title, self.summary, self.axis) = (id, title, summary, axis)
    (self.series, self.rows, self.rules) = (series, rows, rules)
  }

  /// What the values of one colour and shape have in common.
  package struct Series: Hashable, Sendable {
    package var id: String
    package var name: String
    package var colour: Palette
    /// Nil for bars from zero.
    package var shape: Chart.Shape?
    /// True for what is shown beside another series of the same rows and ranks nothing: small in
    /// the picture, with nothing told to who points at it, and left out where every mark has a
    /// line of text.
    package var isAside: Bool
    package init(
      id: String, name: String, colour: Palette, shape: Chart.Shape?, isAside: Bool = false
    ) {
      (self.id, self.name, self.colour, self.shape) = (id, name, colour, shape)
      self.isAside = isAside
    }
  }

  /// One named thing.
  package struct Row: Hashable, Sendable {
    package var label: String
    package var marks: [Mark]
    package init(_ label: String, marks: [Mark]) { (self.label, self.marks) = (label, marks) }
  }

  /// One value of a row.
  package struct Mark: Hashable, Sendable {
    /// The `id` of its series.
    package var series: String
    package var value: Double
    package var interval: ClosedRange<Double>?
    /// Written after a bar, in the picture and in text; after a dot in text alone.
    package var text: String?
    /// All that a reader who points at the mark is told.
    package var detail: String
    package init(
      series: String, value: Double, interval: ClosedRange<Double>? = nil, text: String? = nil,
      detail: String = ""
    ) {
      (self.series, self.value, self.interval) = (series, value, interval)
      (self.text, self.detail) = (text, detail)
    }
  }
}
