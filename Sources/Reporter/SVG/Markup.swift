/// A growing piece of XML or HTML that escapes all that it is handed.
package struct Markup: Sendable {
  /// What has been written so far.
  package private(set) var text = ""

  /// Characters that one text or attribute may have; the path of a drawing is never cut.
  private static let longest = 1_000

  package init() {}

  /// Writes a start tag; `attributes` whose value is nil are left out.
  package mutating func open(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:]) {
    text += "<\(name)"
    for (key, value) in attributes {
      guard let value else { continue }
      // A path is made of numbers here, and half of it is another drawing.
      let escaped = key == "d" ? Markup.references(value) : Markup.escaped(value)
      text += " \(key)=\"\(escaped)\""
    }
    text += ">"
  }

  /// Writes an end tag.
  package mutating func close(_ name: String) { text += "</\(name)>" }

  /// Writes an element that holds nothing but `content`, which is escaped.
  package mutating func leaf(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ content: String = ""
  ) {
    open(name, attributes)
    text += Markup.escaped(content)
    close(name)
  }

  /// Writes an element around whatever `body` writes.
  package mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String?> = [:],
    _ body: (inout Markup) -> Void
  ) {
    open(name, attributes)
    body(&self)
    close(name)
  }

  /// Writes text, escaped.
  package mutating func write(_ content: String) { text += Markup.escaped(content) }

  /// Writes markup that was built, and escaped, elsewhere.
  package mutating func append(_ other: Markup) { text += other.text }

  /// Writes `trusted` as it is: only for literals of this module and other `Markup`'s text.
  package mutating func raw(_ trusted: String) { text += trusted }

  /// `content` with everything that means something to a parser replaced by a reference.
  ///
  /// Control characters and the marks that override the direction of writing become U+FFFD: they
  /// have no honest use in a label and can make one read as another.
  ///
  /// What is longer than any honest text is cut, so that a stored run cannot swell a page.
  package static func escaped(_ content: String) -> String {
    references(content.clipped(to: longest))
  }

  /// The whole of `content`, escaped.
  private static func references(_ content: String) -> String {
    var result = ""
    result.reserveCapacity(content.utf8.count + 16)
    for scalar in content.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t", "\r": result += " "
      default: result.unicodeScalars.append(scalar.isHarmless ? scalar : "\u{FFFD}")
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// False for control characters and for the marks that override the direction of writing.
  package var isHarmless: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF: false
    default: true
    }
  }
}

extension String {
  /// The string cut to `limit` characters, with an ellipsis where something was cut.
  package func clipped(to limit: Int) -> String {
    guard utf8.count > limit, count > limit else { return self }
    return prefix(max(limit - 1, 0)) + "…"
  }
}
