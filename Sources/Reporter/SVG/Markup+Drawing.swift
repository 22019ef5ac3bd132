extension Markup {
  /// Opens an `svg` element with its name and description, for screen readers.
  package mutating func openChart(
    id: String, title: String, summary: String, width: Double, height: Double
  ) {
    open(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img", "id": id,
        "viewBox": "0 0 \(pixels(width)) \(pixels(height))",
        "aria-labelledby": "\(id)-t \(id)-d",
      ])
    leaf("title", ["id": "\(id)-t"], title)
    leaf("desc", ["id": "\(id)-d"], summary)
  }

  /// Draws a straight line.
  package mutating func line(
    from a: (x: Double, y: Double), to b: (x: Double, y: Double), class style: String
  ) {
    leaf(
      "line",
      [
        "class": style, "x1": pixels(a.x), "y1": pixels(a.y), "x2": pixels(b.x), "y2": pixels(b.y),
      ])
  }

  /// Writes a text with its baseline at `y`.
  package mutating func label(
    _ text: String, x: Double, y: Double, class style: String, anchor: String? = nil
  ) {
    leaf("text", ["class": style, "x": pixels(x), "y": pixels(y), "text-anchor": anchor], text)
  }

  /// Draws a mark of the given shape; one with a `detail` tells it to who points at it.
  package mutating func mark(
    _ shape: Chart.Shape, at centre: (x: Double, y: Double), radius: Double, detail: String? = nil
  ) {
    let style = (shape == .ring ? "mark open" : "mark") + (detail == nil ? "" : " pt")
    element("path", ["class": style, "d": shape.path(at: centre, radius: radius)]) { out in
      if let detail, !detail.isEmpty { out.leaf("title", [:], detail) }
    }
  }

  /// Draws a bar or column; it tells its `detail` to who points at it.
  package mutating func bar(_ box: Box, corner: Double? = nil, detail: String) {
    element(
      "rect",
      [
        "class": "mark pt", "x": pixels(box.x), "y": pixels(box.y), "width": pixels(box.width),
        "height": pixels(box.height), "rx": corner.map { pixels($0) },
      ]
    ) { out in
      if !detail.isEmpty { out.leaf("title", [:], detail) }
    }
  }
}

extension Chart.Shape {
  /// Distance of the outermost corner, in radii.
  var reach: Double { self == .star ? 1.6 : 1.3 }

  /// An SVG path of about the same area for every shape.
  func path(at centre: (x: Double, y: Double), radius r: Double) -> String {
    let (x, y) = centre
    func polygon(_ corners: [(Double, Double)]) -> String {
      let words = corners.map { "\(pixels(x + $0.0 * r)) \(pixels(y + $0.1 * r))" }
      return "M" + words.joined(separator: "L") + "Z"
    }
    switch self {
    case .circle, .ring:
      let (left, size) = (pixels(x - r), pixels(r))
      return "M\(left) \(pixels(y))a\(size) \(size) 0 1 0 \(pixels(2 * r)) 0"
        + "a\(size) \(size) 0 1 0 \(pixels(-2 * r)) 0Z"
    case .square: return polygon([(-0.87, -0.87), (0.87, -0.87), (0.87, 0.87), (-0.87, 0.87)])
    case .triangle: return polygon([(0, -1.2), (1.15, 0.8), (-1.15, 0.8)])
    case .diamond: return polygon([(0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)])
    case .star:
      return polygon([
        (0, -1.6), (0.4, -0.5), (1.52, -0.5), (0.62, 0.2), (0.95, 1.3), (0, 0.65), (-0.95, 1.3),
        (-0.62, 0.2), (-1.52, -0.5), (-0.4, -0.5),
      ])
    }
  }
}

/// A length for an SVG attribute: one digit after the point, none when it is zero.
///
/// Lengths beyond ten million, which no drawing has, stand at that: a hostile record must not trap.
package func pixels(_ value: Double) -> String {
  let tenths = (min(max(value.isFinite ? value : 0, -1e7), 1e7) * 10).rounded()
  let whole = Int(tenths)
  return whole.isMultiple(of: 10)
    ? "\(whole / 10)" : "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
}
