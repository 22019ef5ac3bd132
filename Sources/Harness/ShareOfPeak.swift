/// A rate as a share of a measured peak, or why there is none: the one place that decides whether
/// such a share may be shown.
///
/// Nothing computes faster than the peak, so a share above `most` says that the peak was measured
/// while something disturbed it.
package enum ShareOfPeak: Hashable, Sendable {
  /// Percent, up to `most`.
  case percent(Double)
  /// The peak was disturbed, so no share of it is true.
  case disturbed
  /// There is no peak to set it against.
  case none

  /// Percent that a share may reach: two of them are the noise of the peak itself.
  package static let most = 102.0
  /// Percent from which on the peak is wrong for all cases, not for one moment alone.
  package static let mostOfOneMoment = 110.0
  package static let disturbedText = "n/a (peak disturbed)"

  /// - Parameters:
  ///   - percent: As computed; nil without a peak.
  ///   - isDisturbed: Whether the peak is known to be wrong.
  package init(_ percent: Double?, isDisturbed: Bool = false) {
    if isDisturbed {
      self = .disturbed
    } else if let percent {
      self = percent.isFinite && percent <= Self.most ? .percent(percent) : .disturbed
    } else {
      self = .none
    }
  }

  /// The share of a peak of `peak`; both in 10^9 operations a second.
  package init(rate: Double, ofPeak peak: Double?, isDisturbed: Bool = false) {
    self.init(peak.map { $0 > 0 ? 100 * rate / $0 : .infinity }, isDisturbed: isDisturbed)
  }

  /// The share in percent; nil where none may be shown.
  package var percent: Double? {
    if case .percent(let percent) = self { percent } else { nil }
  }

  /// The figure without its unit, or why there is none.
  ///
  /// - Parameter format: Writes a number.
  /// - Returns: `98.2`, `n/a` or `n/a (peak disturbed)`.
  package func text(_ format: (Double) -> String = { Units.number($0) }) -> String {
    switch self {
    case .percent(let percent): format(percent)
    case .disturbed: Self.disturbedText
    case .none: "n/a"
    }
  }
}

extension CaseRecord {
  /// The share of the measured peak that the case may show.
  package var shareOfPeak: ShareOfPeak {
    ShareOfPeak(derived.percentOfPeak, isDisturbed: derived.percentOfPeakWithheld != nil)
  }
}
