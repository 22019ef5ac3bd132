/// An axis-aligned rectangle in pixels; y grows downwards.
package struct Box: Hashable, Sendable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  package var maxX: Double { x + width }
  package var maxY: Double { y + height }

  /// Whether the two rectangles share more than an edge.
  package func overlaps(_ other: Box) -> Bool {
    x < other.maxX && other.x < maxX && y < other.maxY && other.y < maxY
  }

  /// Whether `other` lies wholly inside.
  package func contains(_ other: Box) -> Bool {
    other.x >= x && other.maxX <= maxX && other.y >= y && other.maxY <= maxY
  }

  package func insetBy(_ distance: Double) -> Box {
    Box(
      x: x + distance, y: y + distance, width: max(width - 2 * distance, 0),
      height: max(height - 2 * distance, 0))
  }

  /// Whether the segment from `a` to `b` passes through the rectangle.
  package func meets(segment a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> Bool {
    clip(segment: a, b) != nil
  }

  /// The part of a segment inside the rectangle (Liang and Barsky, 1984), or nil.
  package func clip(
    segment a: (x: Double, y: Double), _ b: (x: Double, y: Double)
  ) -> (from: (x: Double, y: Double), to: (x: Double, y: Double))? {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    var (enter, leave) = (0.0, 1.0)
    for (p, q) in [(-dx, a.x - x), (dx, maxX - a.x), (-dy, a.y - y), (dy, maxY - a.y)] {
      if p == 0 {
        if q < 0 { return nil }
      } else if p < 0 {
        enter = max(enter, q / p)
      } else {
        leave = min(leave, q / p)
      }
    }
    guard enter <= leave else { return nil }
    return (
      (a.x + enter * dx, a.y + enter * dy), (a.x + leave * dx, a.y + leave * dy)
    )
  }
}

/// How wide a text is likely to be drawn.
///
/// The page uses the reader's own interface font, which cannot be measured here; widths of
/// Helvetica with a margin of 16 % are at least those of the widest common interface fonts.
package enum TextMetrics {
  /// Width in pixels of `text` at `size` pixels.
  package static func width(_ text: String, size: Double) -> Double {
    let units = text.unicodeScalars.reduce(0.0) { $0 + advance($1) }
    return units * size * 1.16
  }

  /// Advance of one character in ems.
  private static func advance(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "'", "|", "I", ".", ",", ":", ";", "!", "·": 0.28
    case "f", "t", "r", "-", "(", ")", "/", " ", "[", "]": 0.34
    case "m", "M", "W", "@", "%": 0.89
    case "w", "—", "…": 1.0
    case "A"..."Z", "&", "×", "≥", "≤", "±", "–", "+", "=", "<", ">": 0.7
    case "⁰"..."⁹", "⁻", "¹", "²", "³": 0.37
    case "0"..."9", "$": 0.56
    default: scalar.value < 0x2E80 ? 0.56 : 1.0
    }
  }

  /// `text` cut so that it is no wider than `limit` pixels.
  package static func fitted(_ text: String, size: Double, limit: Double) -> String {
    guard width(text, size: size) > limit else { return text }
    var kept = ""
    var used = width("…", size: size)
    for character in text {
      used += width(String(character), size: size)
      if used > limit { break }
      kept.append(character)
    }
    return kept + "…"
  }
}
