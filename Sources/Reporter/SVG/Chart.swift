/// A chart as data: what to draw, not where.
package struct Chart: Hashable, Sendable {
  /// Letters, digits and hyphens; unique on a page.
  package var id: String
  package var title: String
  /// What a reader should see in the picture, for those who cannot see it.
  package var summary: String
  package var x: Axis
  package var y: Axis
  package var series: [Series]
  package var bands: [Band]
  package var rules: [Rule]
  /// Height in pixels of the wide form.
  package var height: Double
  /// Drawn in the form for a phone at every width, several in a row where there is room.
  package var isSmall: Bool

  package init(
    id: String, title: String, summary: String, x: Axis, y: Axis, series: [Series],
    bands: [Band] = [], rules: [Rule] = [], height: Double = 420, isSmall: Bool = false
  ) {
    (self.id, self.title, self.summary) = (id, title, summary)
    (self.x, self.y, self.series) = (x, y, series)
    (self.bands, self.rules, self.height, self.isSmall) = (bands, rules, height, isSmall)
  }

  /// One axis: what it shows, in which unit, on which scale.
  package struct Axis: Hashable, Sendable {
    package var title: String
    /// Empty for dates and pure numbers.
    package var unit: String
    package var kind: Scale.Kind
    package var format: NumberFormat
    /// Nil to fit the data.
    package var domain: ClosedRange<Double>?
    /// Whether a fitted linear axis begins at zero.
    package var fromZero: Bool

    package init(
      _ title: String, unit: String = "", kind: Scale.Kind = .linear,
      format: NumberFormat = .plain, domain: ClosedRange<Double>? = nil, fromZero: Bool = false
    ) {
      (self.title, self.unit, self.kind) = (title, unit, kind)
      (self.format, self.domain, self.fromZero) = (format, domain, fromZero)
    }

    /// `USD per image (log scale)`.
    package var caption: String {
      let named = unit.isEmpty ? title : title.isEmpty ? unit : "\(title), \(unit)"
      return kind == .logarithmic ? "\(named) (log scale)" : named
    }
  }

  /// Points that belong together and are switched on and off together.
  package struct Series: Hashable, Sendable {
    package var id: String
    package var name: String
    package var colour: Palette
    package var form: Form
    package var points: [Point]
    /// Where a line is drawn whole and not dashed; nil for everywhere.
    package var solid: ClosedRange<Double>?
    /// False for what is named in the picture and needs no place in the legend.
    package var isListed: Bool

    package init(
      id: String, name: String, colour: Palette, form: Form, points: [Point],
      solid: ClosedRange<Double>? = nil, isListed: Bool = true
    ) {
      (self.id, self.name, self.colour, self.isListed) = (id, name, colour, isListed)
      (self.form, self.points, self.solid) = (form, points, solid)
    }
  }

  /// How a series is drawn.
  package enum Form: Hashable, Sendable {
    case points(Shape)
    /// A line, with a band around it where its points have intervals.
    case line
    /// A line with a mark on every point.
    case lineAndPoints(Shape)
    /// Each value holds until the next point.
    case steps
    /// Upright bars of the given width in x units, centred on x, from the foot of the chart.
    case columns(width: Double)
  }

  /// Shape of a mark, so that colour never carries the meaning alone.
  package enum Shape: Hashable, Sendable, CaseIterable {
    case circle, square, triangle, diamond, ring, star
  }

  /// One value.
  package struct Point: Hashable, Sendable {
    package var x: Double
    package var y: Double
    /// Interval of y.
    package var interval: ClosedRange<Double>?
    /// Written beside the mark where there is room.
    package var label: String?
    /// All that a reader who points at the mark is told.
    package var detail: String
    /// Labels of higher rank get room first.
    package var rank: Int
    /// Whether the addresses in `detail` are the public records' own, to which a page may lead.
    package var isPublic: Bool

    package init(
      x: Double, y: Double, interval: ClosedRange<Double>? = nil, label: String? = nil,
      detail: String = "", rank: Int = 0, isPublic: Bool = false
    ) {
      self.isPublic = isPublic
      (self.x, self.y, self.interval) = (x, y, interval)
      (self.label, self.detail, self.rank) = (label, detail, rank)
    }
  }

  /// A span of x with a name, such as an era.
  package struct Band: Hashable, Sendable {
    package var range: ClosedRange<Double>
    package var label: String
    /// False for one that only its name tells from its neighbours.
    package var isShaded: Bool
    package init(_ range: ClosedRange<Double>, label: String, isShaded: Bool = true) {
      (self.range, self.label, self.isShaded) = (range, label, isShaded)
    }
  }

  /// A straight reference line across the chart.
  package struct Rule: Hashable, Sendable {
    package enum Direction: Hashable, Sendable { case horizontal, vertical }
    package var direction: Direction
    package var value: Double
    package var label: String
    package init(_ direction: Direction, at value: Double, label: String) {
      (self.direction, self.value, self.label) = (direction, value, label)
    }
  }

  /// The forms that are drawn.
  package var sizes: [ChartLayout.Size] { isSmall ? [.narrow] : ChartLayout.Size.allCases }
}
