/// A calendar day of the Gregorian calendar, as the number of days since 1970-01-01.
package struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var number: Int

  package init(number: Int) { self.number = number }

  /// Reads `2017-11-30`; `2018-04` stands for its middle (the 15th), `2017` for July 1st.
  ///
  /// - Returns: Nil where the text is not such a date.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), parts[0].count == 4, let year = Int(parts[0]) else {
      return nil
    }
    guard parts.dropFirst().allSatisfy({ $0.count == 2 && Int($0) != nil }) else { return nil }
    let month = parts.count > 1 ? Int(parts[1]) ?? 0 : 7
    let day = parts.count > 2 ? Int(parts[2]) ?? 0 : (parts.count == 2 ? 15 : 1)
    guard (1...12).contains(month), (1...31).contains(day) else { return nil }
    number = Self.number(year: year, month: month, day: day)
    guard description.hasSuffix(parts.count == 3 ? "-\(parts[2])" : "") else { return nil }
  }

  /// Years from this day to another, of 365.25 days.
  package func years(to other: Day) -> Double { Double(other.number - number) / 365.25 }

  /// Months from this day to another, of 30.436875 days.
  package func months(to other: Day) -> Double { Double(other.number - number) / 30.436875 }

  package static func < (left: Day, right: Day) -> Bool { left.number < right.number }

  /// `2017-11-30`.
  package var description: String {
    let (year, month, day) = civil
    return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
  }

  package var civil: (year: Int, month: Int, day: Int) {
    // Days from 0000-03-01, in eras of 400 years: leap days then fall at the end of a year.
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// Days from 1970-01-01 to a civil date.
  package static func number(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}

extension Day: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let day = Day(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no date: \(text)")
    }
    self = day
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
