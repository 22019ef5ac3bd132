import Foundation
import Harness

/// How a number is written; the unit stands on the axis, in the column's head or after the number.
package enum NumberFormat: Hashable, Sendable {
  case plain
  /// A dollar sign before the number.
  case usd
  /// A per cent sign after the number, which is already in per cent.
  case percent

  /// `value` for an axis whose step has `decimals` digits after the point.
  package func tick(_ value: Double, decimals: Int) -> String {
    dressed(NumberFormat.grouped(value, decimals: decimals))
  }

  /// `value`, m × 10^`exponent`, for a logarithmic axis: `0.01`, `1 000`, or `10⁻⁶`.
  package func logarithmicTick(_ value: Double, exponent: Int, asPower: Bool) -> String {
    guard asPower else { return dressed(NumberFormat.grouped(value, decimals: max(0, -exponent))) }
    let mantissa = Int((value / pow(10, Double(exponent))).rounded())
    let power = "10" + Units.superscript(exponent)
    return dressed(mantissa == 1 ? power : "\(mantissa)×\(power)")
  }

  /// `value` with `digits` significant digits, thousands grouped, powers of ten where it is far
  /// from one: `30.1`, `1 540`, `4.07×10⁻⁷`.
  package func text(_ value: Double, digits: Int = 3) -> String {
    dressed(NumberFormat.significant(value, digits: digits))
  }

  private func dressed(_ text: String) -> String {
    switch self {
    case .plain: text
    case .usd: text.hasPrefix("-") ? "-$" + text.dropFirst() : "$" + text
    case .percent: text + " %"
    }
  }

  /// `value` with `digits` significant digits, never fewer before the point than it has.
  package static func significant(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "n/a" : value < 0 ? "-∞" : "∞" }
    guard value != 0 else { return "0" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    if exponent < -4 || exponent >= 12 {
      let mantissa = value / pow(10, Double(exponent))
      return "\(fixed(mantissa, decimals: max(digits - 1, 0)))×10\(Units.superscript(exponent))"
    }
    return grouped(value, decimals: max(0, digits - 1 - exponent))
  }

  /// `value` with `decimals` digits after the point, its thousands apart by a blank that keeps them
  /// in one line.
  package static func grouped(_ value: Double, decimals: Int) -> String {
    let text = fixed(abs(value), decimals: decimals)
    let isNegative = value < 0 && text.contains { $0 != "0" && $0 != "." }
    return (isNegative ? "-" : "") + Units.grouped(text, by: "\u{A0}")
  }

  /// `value` with `decimals` digits after the point, by the C library's rounding.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }
}
