import Foundation
import Harness

/// Numbers for people to read and to follow with a calculator.
package enum Figure {
  /// Up to six significant digits, thousands apart, powers of ten beyond 10⁹ and below 10⁻⁴.
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "-∞" : "∞" }
    if value == 0 { return "0" }
    let size = abs(value)
    if size >= 1e9 || size < 1e-4 {
      let text = String(format: "%.5e", value)
      let parts = text.split(separator: "e")
      let exponent = Int(parts[1]) ?? 0
      let mantissa = trimmed(String(parts[0]))
      let power = "10" + Units.superscript(exponent)
      return mantissa == "1" ? power : "\(mantissa)×\(power)"
    }
    let decimals = max(0, 5 - Int(log10(size).rounded(.down)))
    let digits = trimmed(String(format: "%.\(decimals)f", value))
    // Four digits stay together.
    return size >= 9_999.95 ? Units.grouped(digits) : digits
  }

  /// All digits that the number has, for copying.
  package static func exact(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
