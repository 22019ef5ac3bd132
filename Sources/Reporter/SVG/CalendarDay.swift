import Economics

/// Days since 1970-01-01 UTC, with fractions: the unit of every time axis.
package enum CalendarDay {
  /// Reads what `Day` reads, and moments such as `2017-07-01T12:30:00Z`; nil when it is neither.
  package static func parse(_ text: String) -> Double? {
    let halves = text.split(separator: "T", maxSplits: 1)
    guard let date = halves.first, let day = Day(date) else { return nil }
    var result = Double(day.number)
    if halves.count == 2 {
      let clock = halves[1].prefix { $0 != "Z" && $0 != "+" }.split(separator: ":")
      let units = clock.prefix(3).compactMap { Double($0) }
      guard units.count == clock.count else { return nil }
      for (unit, perDay) in zip(units, [24.0, 1_440, 86_400]) { result += unit / perDay }
    }
    return result
  }

  /// `2017-07-01` of a day number.
  package static func text(_ days: Double) -> String {
    Day(number: Int(days.rounded(.down))).description
  }

  static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
