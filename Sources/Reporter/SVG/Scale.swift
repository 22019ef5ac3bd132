import Foundation

/// A mapping from values to pixels.
package struct Scale: Hashable, Sendable {
  /// How values are spread over the pixels.
  package enum Kind: Hashable, Sendable {
    case linear
    /// Equal factors take equal lengths; every value is above zero.
    case logarithmic
    /// Linear in days since 1970-01-01, see `CalendarDay`.
    case time
  }

  package let kind: Kind
  package let domain: ClosedRange<Double>
  /// Pixel of the lower and of the upper end of the domain; may run downwards.
  package let start: Double
  package let end: Double

  /// Makes a scale; an empty domain is widened so that it has a middle.
  package init(_ kind: Kind, _ domain: ClosedRange<Double>, from start: Double, to end: Double) {
    precondition(
      kind != .logarithmic || domain.lowerBound > 0,
      "a logarithmic domain begins above zero, not at \(domain.lowerBound)")
    precondition(
      domain.lowerBound.isFinite && domain.upperBound.isFinite, "domain \(domain) is not finite")
    self.kind = kind
    (self.start, self.end) = (start, end)
    let magnitude = max(abs(domain.lowerBound), abs(domain.upperBound))
    if domain.upperBound - domain.lowerBound > magnitude * 1e-9 {
      self.domain = domain
    } else if kind == .logarithmic {
      self.domain = domain.lowerBound / 2...domain.upperBound * 2
    } else {
      let half = max(magnitude * 0.1, 0.5)
      self.domain = domain.lowerBound - half...domain.upperBound + half
    }
  }

  /// Pixel of `value`; outside the range of pixels when `value` is outside the domain.
  package func position(_ value: Double) -> Double {
    let (low, high) = (domain.lowerBound, domain.upperBound)
    let share =
      kind == .logarithmic
      ? log(max(value, .leastNormalMagnitude) / low) / log(high / low)
      : (value - low) / (high - low)
    return start + share * (end - start)
  }

  /// Whether `value` can be drawn on this scale.
  package func admits(_ value: Double) -> Bool {
    value.isFinite && domain.contains(value)
  }

  /// A domain that holds `values` with some air around them, starting at zero where asked.
  ///
  /// Values that the kind cannot show (not finite, or not above zero on a logarithmic scale) are
  /// left out. With nothing left, the domain is 1...10.
  package static func domain(
    of values: some Sequence<Double>, kind: Kind, fromZero: Bool = false
  ) -> ClosedRange<Double> {
    // Beyond 10^±30 there is nothing to measure, and arithmetic on pixels would overflow.
    let usable = values.filter {
      abs($0) < 1e30 && (kind != .logarithmic || $0 > 1e-30)
    }
    guard let low = usable.min(), let high = usable.max() else { return 1...10 }
    switch kind {
    case .logarithmic:
      let air = max(pow(high / low, 0.05), 1.25)
      return low / air...high * air
    case .time:
      let air = max((high - low) * 0.03, 0.02)
      return low - air...high + air
    case .linear:
      if fromZero { return min(0, low)...max(high * 1.06, .leastNormalMagnitude) }
      let air = max((high - low) * 0.06, abs(high) * 1e-3, 1e-9)
      return low - air...high + air
    }
  }
}
