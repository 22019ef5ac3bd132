/// Days since 1970-01-01 UTC, with fractions: the unit of every time axis.
///
/// Conversions are those of the proleptic Gregorian calendar, by counting days of 400-year eras.
package enum CalendarDay {
  /// Days from 1970-01-01 to the given civil date.
  package static func days(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The civil date on which day number `days` falls.
  package static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// Reads `2017`, `2017-07`, `2017-07-01` or `2017-07-01T12:30:00Z`; nil when it is no date.
  ///
  /// A bare year is placed at July 1 and a bare month at its middle, as Economics does.
  package static func parse(_ text: String) -> Double? {
    let halves = text.split(separator: "T", maxSplits: 1)
    guard let date = halves.first else { return nil }
    let parts = date.split(separator: "-").map { Int($0) }
    guard (1...3).contains(parts.count), !parts.contains(nil), let year = parts[0],
      (1...9999).contains(year)
    else { return nil }
    let month = parts.count > 1 ? parts[1] ?? 0 : 7
    let day = parts.count > 2 ? parts[2] ?? 0 : parts.count == 2 ? 15 : 1
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    var result = Double(days(year: year, month: month, day: day))
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
    let (year, month, day) = civil(Int(days.rounded(.down)))
    return "\(year)-\(padded(month))-\(padded(day))"
  }

  static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
