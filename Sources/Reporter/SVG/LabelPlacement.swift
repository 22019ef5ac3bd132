/// Finds room for labels: each is written where it meets nothing, or not at all.
package struct LabelPlacement: Sendable {
  /// A label that found room.
  package struct Placed: Hashable, Sendable {
    package var text: String
    package var box: Box
    /// Baseline of the text, which starts at `box.x`.
    package var baseline: Double
  }

  private let bounds: Box
  private let size: Double
  private var taken: [Box] = []
  private var lines: [(from: (x: Double, y: Double), to: (x: Double, y: Double))] = []

  package init(bounds: Box, fontSize: Double) {
    self.bounds = bounds
    size = fontSize
  }

  /// Keeps labels off a rectangle.
  package mutating func reserve(_ box: Box) { taken.append(box) }

  /// Keeps labels off a line where that can be had; a label may cross one as a last resort.
  package mutating func avoid(
    from: (x: Double, y: Double), to: (x: Double, y: Double)
  ) { lines.append((from, to)) }

  /// Writes `text` beside a mark of the given radius; nil when there is no room on any side.
  package mutating func place(
    _ text: String, beside centre: (x: Double, y: Double), radius: Double = 6
  ) -> Placed? {
    let width = TextMetrics.width(text, size: size)
    let height = size * 1.25
    let gap = radius + 2
    let (left, right) = (centre.x - gap - width, centre.x + gap)
    let (above, below) = (centre.y - gap - height, centre.y + gap)
    let middle = centre.y - height / 2
    let candidates = [
      (right, middle), (left, middle), (centre.x - width / 2, above), (centre.x - width / 2, below),
      (right - 3, above + 4), (right - 3, below - 4), (left + 3, above + 4), (left + 3, below - 4),
      (right + 6, above - 6), (left - 6, above - 6), (right + 6, below + 6), (left - 6, below + 6),
    ].map { Box(x: $0.0, y: $0.1, width: width, height: height) }
    return take(text, from: candidates)
  }

  /// Writes `text` at the first of `corners` (upper left of the text) where there is room.
  package mutating func place(
    _ text: String, at corners: [(x: Double, y: Double)]
  ) -> Placed? {
    let width = TextMetrics.width(text, size: size)
    return take(
      text, from: corners.map { Box(x: $0.x, y: $0.y, width: width, height: size * 1.25) })
  }

  private mutating func take(_ text: String, from candidates: [Box]) -> Placed? {
    let free = candidates.filter { box in
      bounds.contains(box) && !taken.contains { $0.overlaps(box) }
    }
    let clear = free.first { box in !lines.contains { box.meets(segment: $0.from, $0.to) } }
    guard let box = clear ?? free.first else { return nil }
    taken.append(box)
    return Placed(text: text, box: box, baseline: box.y + size)
  }
}
