/// The energy of some work: measured, estimated from what the user stated, or why there is none.
///
/// No figure is without its origin, and none is 0: a counter that stands still measures nothing.
package enum Energy: Hashable, Sendable {
  case measured(Measured)
  case estimated(Estimate)
  /// With the reason, a clause.
  case unmeasurable(String)

  /// What counters of the hardware said.
  package struct Measured: Hashable, Sendable {
    /// Above 0.
    package private(set) var joules: Double
    /// Of all windows together, above 0.
    package private(set) var seconds: Double
    /// Times that the counters were read before and after some work, 1 or more.
    package private(set) var windows: Int
    /// What was read, and what it covers: `powercap intel-rapl, CPU package only`.
    package let source: String
    /// The counters, each once, such as `package-0`; not empty.
    package let domains: [String]

    /// Nil for what no measurement can give.
    package init?(
      joules: Double, seconds: Double, windows: Int, source: String, domains: [String]
    ) {
      guard joules > 0, joules.isFinite, seconds > 0, seconds.isFinite, windows > 0,
        !domains.isEmpty
      else { return nil }
      (self.joules, self.seconds, self.windows) = (joules, seconds, windows)
      (self.source, self.domains) = (source, domains)
    }

    package var watts: Double { joules / seconds }

    /// Both together, of the same counters.
    func adding(_ other: Measured) -> Measured {
      var sum = self
      sum.joules += other.joules
      sum.seconds += other.seconds
      sum.windows += other.windows
      return sum
    }
  }

  /// What the watts that the user stated come to.
  package struct Estimate: Hashable, Sendable {
    /// Above 0.
    package let joules: Double
    /// Of the work, above 0.
    package let seconds: Double
    /// Why it was not measured, a clause.
    package let reason: String

    /// Nil for what no power can give.
    package init?(joules: Double, seconds: Double, reason: String) {
      guard joules > 0, joules.isFinite, seconds > 0, seconds.isFinite else { return nil }
      (self.joules, self.seconds, self.reason) = (joules, seconds, reason)
    }

    package var watts: Double { joules / seconds }
  }

  /// The measurement; nil of what is estimated or unmeasurable.
  package var measured: Measured? {
    if case .measured(let measured) = self { measured } else { nil }
  }

  /// The estimate; nil of what is measured or unmeasurable.
  package var estimate: Estimate? {
    if case .estimated(let estimate) = self { estimate } else { nil }
  }

  /// Why nothing was measured; nil where it was.
  package var refusal: String? {
    switch self {
    case .measured: nil
    case .estimated(let estimate): estimate.reason
    case .unmeasurable(let reason): reason
    }
  }
}
