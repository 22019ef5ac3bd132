import Basics
import Foundation

/// Units as people write and read them.
///
/// Records hold plain numbers with the unit in their names; everything shown to people is formatted
/// here.
package enum Units {
  // MARK: Parsing

  private static let durationUnits: [(String, Double)] = [
    ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("min", 60), ("s", 1), ("m", 60),
    ("h", 3600), ("d", 86400),
  ]

  /// Seconds from a text such as `10s`, `500ms`, `2min` or `1.5h`.
  ///
  /// A bare number is refused.
  package static func parseDuration(_ text: String) throws(Problem) -> Double {
    try parse(text, units: durationUnits, example: "10s, 500ms or 2min", what: "duration")
  }

  /// A share from a text such as `2%`.
  ///
  /// A bare number is refused.
  package static func parsePercent(_ text: String) throws(Problem) -> Double {
    try parse(text, units: [("%", 0.01)], example: "2% or 0.5%", what: "share")
  }

  private static func parse(
    _ text: String, units: [(String, Double)], example: String, what: String
  ) throws(Problem) -> Double {
    for (unit, scale) in units where text.hasSuffix(unit) {
      let digits = text.dropLast(unit.count)
      guard let last = digits.last, last.isASCII, last.isNumber || last == ".",
        let value = Double(digits)
      else { continue }
      guard value.isFinite, value >= 0 else { break }
      return value * scale
    }
    let reason = Double(text) == nil ? "is not a \(what)" : "lacks a unit"
    throw Problem(.usage, "'\(text)' \(reason); write it like \(example)")
  }

  // MARK: Formatting

  /// A number with `digits` significant ones, in plain notation between 10⁻⁴ and 10⁹.
  package static func number(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return "n/a" }
    if value == 0 { return "0" }
    // Rounding may carry into the next power of ten, which then has one decimal fewer.
    let exponent = floor(log10(abs(value)))
    let scale = pow(10, exponent - Double(digits - 1))
    let carries = (abs(value) / scale).rounded() >= pow(10, Double(digits))
    let magnitude = Int(exponent) + (carries ? 1 : 0)
    if magnitude < -4 || magnitude >= 9 {
      let mantissa = String(format: "%.\(digits - 1)f", value / pow(10, Double(magnitude)))
      return "\(mantissa)×10\(superscript(magnitude))"
    }
    let decimals = max(0, digits - 1 - magnitude)
    let text = String(format: "%.\(decimals)f", value)
    return magnitude >= 4 ? grouped(text) : text
  }

  /// How many times as much or as fast: `1.41x`.
  package static func ratio(_ times: Double, digits: Int = 3) -> String {
    number(times, digits: digits) + "x"
  }

  /// Two bounds in brackets, `[23.7, 24.9]`; empty where there are none.
  package static func interval(_ bounds: [Double]?, digits: Int = 3) -> String {
    guard let bounds, bounds.count == 2 else { return "" }
    return "[\(number(bounds[0], digits: digits)), \(number(bounds[1], digits: digits))]"
  }

  /// How many things of a kind: `1 case`, `2 cases`, `2 processes`.
  package static func count(_ count: Int, _ thing: String) -> String {
    "\(grouped(count)) \(thing)\(count == 1 ? "" : thing.hasSuffix("s") ? "es" : "s")"
  }

  /// A whole number in raised digits: `⁻¹²`.
  package static func superscript(_ number: Int) -> String {
    let raised: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return String(
      String(number).map { character in
        character == "-" ? "⁻" : raised[character.wholeNumberValue ?? 0]
      })
  }

  /// Thousands apart by a blank: `25 557 032`.
  package static func grouped(_ count: Int) -> String { grouped(String(count)) }

  /// Seconds in the unit that suits them: `58.3 ms`, `2 min 5 s`.
  package static func duration(_ seconds: Double, digits: Int = 3) -> String {
    let size = abs(seconds)
    if size >= 7200 { return "\(number(seconds / 3600, digits: digits)) h" }
    if size >= 120 {
      let whole = Int(seconds.rounded())
      return "\(whole / 60) min \(whole % 60) s"
    }
    return scaled(
      seconds, digits: digits, [(1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")])
  }

  package static func nanoseconds(_ ns: Double, digits: Int = 3) -> String {
    duration(ns * 1e-9, digits: digits)
  }

  /// Bytes in powers of 1024: `450 MiB`.
  package static func bytes(_ count: Int, digits: Int = 3) -> String {
    count < 1024
      ? "\(count) B"
      : scaled(
        Double(count), digits: digits,
        [
          (1_099_511_627_776, "TiB"), (1_073_741_824, "GiB"), (1_048_576, "MiB"), (1024, "KiB"),
        ])
  }

  /// FLOP/s in powers of 1000: `91.8 GFLOP/s`.
  package static func flopRate(gflops: Double, digits: Int = 3) -> String {
    scaled(
      gflops, digits: digits,
      [(1e6, "PFLOP/s"), (1e3, "TFLOP/s"), (1, "GFLOP/s"), (1e-3, "MFLOP/s"), (1e-6, "kFLOP/s")])
  }

  /// Operations in powers of 1000: `8.18 GFLOP`.
  package static func flop(_ count: Double, digits: Int = 3) -> String {
    scaled(
      count, digits: digits,
      [
        (1e18, "EFLOP"), (1e15, "PFLOP"), (1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP"),
        (1, "FLOP"),
      ])
  }

  /// A share in percent: `84.2 %`.
  package static func percent(_ percent: Double, digits: Int = 3) -> String {
    "\(number(percent, digits: digits)) %"
  }

  /// Dollars with three significant digits: `$0.0312`, `$1 290`.
  package static func usd(_ amount: Double, digits: Int = 3) -> String {
    "$" + number(amount, digits: digits)
  }

  private static func scaled(
    _ value: Double, digits: Int, _ units: [(Double, String)]
  ) -> String {
    guard value.isFinite, let smallest = units.last else { return "n/a" }
    let unit = units.first { abs(value) >= $0.0 * (1 - 0.5 * pow(10, Double(-digits))) } ?? smallest
    return "\(number(value / unit.0, digits: digits)) \(unit.1)"
  }

  /// A number in digits with its thousands apart: `-12377.5` → `-12 377.5`.
  package static func grouped(_ number: String, by blank: Character = " ") -> String {
    let digits = number.prefix { $0 != "." }.drop { $0 == "-" }
    var whole = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { whole.append(blank) }
      whole.append(digit)
    }
    return number[..<digits.startIndex] + whole + number[digits.endIndex...]
  }
}
