import Basics

/// How the range that bytes cover follows from the numbers of calibration.
package enum CalibrationMethod: Hashable, Sendable, CustomStringConvertible {
  /// All of it, from the smallest number to the largest.
  case minMax
  /// Without the numbers beyond a percentile, above 50 and up to 100, half of them on each side.
  case percentile(Double)
  /// As much of it as makes the squared distance between numbers and their bytes least.
  case mse

  /// The percentile where none is named.
  package static let usualPercentile = 99.99

  /// Whether numbers have to be counted once their range is known.
  package var needsCounts: Bool { self != .minMax }

  /// `min-max`, `percentile 99.99` or `mse`.
  package var description: String {
    switch self {
    case .minMax: "min-max"
    case .percentile(let percent): "percentile \(percent)"
    case .mse: "mse"
    }
  }
}
