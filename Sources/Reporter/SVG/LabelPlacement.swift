/// Finds room for labels: each is written where it meets nothing, or not at all.
package struct LabelPlacement: Sendable {
  /// A label that found room.
  package struct Placed: Hashable, Sendable {
    package var text: String
    /// At least what the text fills.
    package var box: Box
    package var baseline: Double
    /// The end of the box that the text is written from: the one beside its mark, so that a text
    /// narrower than its box is not drawn away from it.
    package var anchor: Anchor

    /// Where the text begins, is centred, or ends, as its anchor says.
    package var x: Double {
      switch anchor {
      case .start: box.x
      case .middle: box.x + box.width / 2
      case .end: box.maxX
      }
    }
  }

  /// Which point of a text its position names; the words are SVG's.
  package enum Anchor: String, Hashable, Sendable { case start, middle, end }

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
  ///
  /// - Parameters:
  ///   - text: What is written.
  ///   - centre: Of the mark.
  ///   - radius: Of the mark, in pixels.
  ///   - others: Centres beside which the text may stand as well, the best first, where it would
  ///     cross a line on every side of `centre` and crosses none there.
  /// - Returns: Where it stands.
  package mutating func place(
    _ text: String, beside centre: (x: Double, y: Double), radius: Double = 6,
    orBeside others: [(x: Double, y: Double)] = []
  ) -> Placed? {
    take(
      text, from: sides(of: centre, text, radius),
      orClear: corners(of: centre, text, radius) + others.flatMap { sides(of: $0, text, radius) })
  }

  /// The places of a text to the right and left of a mark, above its centre and below it.
  private func corners(
    of centre: (x: Double, y: Double), _ text: String, _ radius: Double
  ) -> [(box: Box, anchor: Anchor)] {
    let (width, height) = (TextMetrics.width(text, size: size), size * 1.25)
    let gap = radius + 2
    let (left, right) = (centre.x - gap - width, centre.x + gap)
    let candidates: [(x: Double, y: Double, anchor: Anchor)] = [
      (right, centre.y - height, .start), (right, centre.y, .start),
      (left, centre.y - height, .end), (left, centre.y, .end),
    ]
    return candidates.map {
      (Box(x: $0.x, y: $0.y, width: width, height: height), $0.anchor)
    }
  }

  /// The places of a text around a mark, the best first.
  private func sides(
    of centre: (x: Double, y: Double), _ text: String, _ radius: Double
  ) -> [(box: Box, anchor: Anchor)] {
    let width = TextMetrics.width(text, size: size)
    let height = size * 1.25
    let gap = radius + 2
    let (left, right) = (centre.x - gap - width, centre.x + gap)
    let (above, below) = (centre.y - gap - height, centre.y + gap)
    let middle = centre.y - height / 2
    let candidates: [(x: Double, y: Double, anchor: Anchor)] = [
      (right, middle, .start), (left, middle, .end),
      (centre.x - width / 2, above, .middle), (centre.x - width / 2, below, .middle),
      (right - 3, above + 4, .start), (right - 3, below - 4, .start),
      (left + 3, above + 4, .end), (left + 3, below - 4, .end),
      // Above or below a mark near an edge, and flush with it.
      (centre.x + radius - width, above, .end), (centre.x + radius - width, below, .end),
      (centre.x - radius, above, .start), (centre.x - radius, below, .start),
    ]
    return candidates.map {
      (Box(x: $0.x, y: $0.y, width: width, height: height), $0.anchor)
    }
  }

  /// Writes `text` at the first of `corners` (upper left of the text) where there is room.
  package mutating func place(
    _ text: String, at corners: [(x: Double, y: Double)]
  ) -> Placed? {
    let width = TextMetrics.width(text, size: size)
    return take(
      text,
      from: corners.map { (Box(x: $0.x, y: $0.y, width: width, height: size * 1.25), .start) })
  }

  private mutating func take(
    _ text: String, from candidates: [(box: Box, anchor: Anchor)],
    orClear others: [(box: Box, anchor: Anchor)] = []
  ) -> Placed? {
    func free(_ candidates: [(box: Box, anchor: Anchor)]) -> [(box: Box, anchor: Anchor)] {
      candidates.filter { candidate in
        bounds.contains(candidate.box) && !taken.contains { $0.overlaps(candidate.box) }
      }
    }
    func clear(_ candidates: [(box: Box, anchor: Anchor)]) -> (box: Box, anchor: Anchor)? {
      candidates.first { candidate in
        !lines.contains { candidate.box.meets(segment: $0.from, $0.to) }
      }
    }
    let own = free(candidates)
    guard let fallback = own.first else { return nil }
    let (box, anchor) = clear(own) ?? clear(free(others)) ?? fallback
    taken.append(box)
    return Placed(text: text, box: box, baseline: box.y + size, anchor: anchor)
  }
}
