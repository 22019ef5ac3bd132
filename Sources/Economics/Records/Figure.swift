import Foundation

/// Numbers for people to read and to follow with a calculator.
package enum Figure {
  /// Up to six significant digits, thousands apart, powers of ten beyond 10^9 and below 10^-4.
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "-∞" : "∞" }
    if value == 0 { return "0" }
    let size = abs(value)
    if size >= 1e9 || size < 1e-4 {
      let text = String(format: "%.5e", value)
      let parts = text.split(separator: "e")
      let exponent = Int(parts[1]) ?? 0
      let mantissa = trimmed(String(parts[0]))
      return mantissa == "1" ? "10^\(exponent)" : "\(mantissa)×10^\(exponent)"
    }
    let decimals = max(0, 5 - Int(log10(size).rounded(.down)))
    return grouped(trimmed(String(format: "%.\(decimals)f", value)))
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

  /// `12377.5` → `12 377.5`; four digits stay together.
  private static func grouped(_ text: String) -> String {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let negative = parts[0].hasPrefix("-")
    let digits = Array(negative ? parts[0].dropFirst() : parts[0])
    guard digits.count > 4 else { return text }
    var whole = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { whole += " " }
      whole.append(digit)
    }
    return (negative ? "-" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
  }
}
