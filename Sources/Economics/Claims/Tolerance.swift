/// How far a recomputed value may lie from what is claimed, and why that far.
package enum Tolerance: Hashable, Sendable {
  case factor(Double)
  /// Up to this many per cent above or below.
  case percent(Double)
  /// Between two claimed ends, both included.
  case range
  case atLeast

  /// Reads `factor 1.5`, `percent 5`, `range` or `at least`; nil for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("range", 1): self = .range
    case ("at", 2) where words[1] == "least": self = .atLeast
    case ("factor", 2):
      guard let factor = Double(words[1]), factor >= 1 else { return nil }
      self = .factor(factor)
    case ("percent", 2):
      guard let percent = Double(words[1]), percent > 0 else { return nil }
      self = .percent(percent)
    default: return nil
    }
  }

  package var claimedCount: Int { self == .range ? 2 : 1 }

  /// Whether a value is near enough to what is claimed.
  package func accepts(_ value: Double, claimed: [Double]) -> Bool {
    // Rounding of the last digit may not decide at the very edge.
    let slack = 1e-9
    switch self {
    case .factor(let factor):
      let ratio = value / claimed[0]
      return ratio > 0 && max(ratio, 1 / ratio) <= factor * (1 + slack)
    case .percent(let percent):
      return abs(value / claimed[0] - 1) <= percent / 100 * (1 + slack)
    case .range:
      return value >= claimed[0] * (1 - slack) && value <= claimed[1] * (1 + slack)
    case .atLeast:
      return value >= claimed[0] * (1 - slack)
    }
  }

  package var text: String {
    switch self {
    case .factor(let factor): "within a factor of \(Figure.text(factor))"
    case .percent(let percent): "within \(Figure.text(percent)) %"
    case .range: "inside the stated range"
    case .atLeast: "at least"
    }
  }

  /// Why this much and not more: it follows from how exactly the figure is stated.
  package var reason: String {
    switch self {
    case .factor(..<1.3): "the figure is stated as near or about"
    case .factor(..<1.8): "the figure has one digit, or stands for a whole year"
    case .factor: "only the order of magnitude is stated"
    case .percent(..<0.5): "a definition or a list price leaves no room but rounding"
    case .percent(..<3): "the figure is stated as exact"
    case .percent(...10): "the figure is rounded to one or two digits"
    case .percent: "the figure is rounded, and so are the dates beneath it"
    case .range: "the document gives both ends"
    case .atLeast: "the document gives a lower end"
    }
  }
}
