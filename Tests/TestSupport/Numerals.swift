import Foundation

/// The numbers that stand in a text.
package enum Numerals {
  /// Every number: `300 000`, `3×10¹³`, `1e15`, both of `2016-2017`.
  ///
  /// Digits that belong to a name, such as those of `GPT-3` or `seq2seq`, are left out; signs are
  /// not read.
  package static func all(in text: String) -> [Double] {
    let plain = text.replacing("\u{A0}", with: " ")
      .replacing(/[⁰¹²³⁴⁵⁶⁷⁸⁹]+/) { raised in
        "^" + raised.output.compactMap(\.wholeNumberValue).map(String.init).joined()
      }
      .replacing(/\b[A-Za-z]+-?\d[\w.]*/, with: "")
      .replacing(/(\d) (?=\d{3}\b)/) { String($0.output.1) }
    let number = /(\d+(?:\.\d+)?(?:e\d+)?)(?:×10\^(\d+)|\^(\d+))?/
    return plain.matches(of: number).compactMap { match -> Double? in
      guard let value = Double(match.output.1) else { return nil }
      if let power = match.output.2.flatMap({ Double($0) }) { return value * pow(10, power) }
      return match.output.3.flatMap { Double($0) }.map { pow(value, $0) } ?? value
    }
  }
}
