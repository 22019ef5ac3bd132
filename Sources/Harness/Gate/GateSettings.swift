import Basics
import Foundation

/// What `costcurve.toml` says of the gate: how thorough it is, and which difference counts where.
///
///     version = 1
///     [check]
///     margin = "2%"
///     processes = 10
///     pairs = 16
///     fail_on = ["unstable"]
///     [[case]]
///     match = '^infer/'
///     margin = "4%"
///
/// A key that is not one of these is refused: a misspelt margin must not pass for a set one.
package struct GateSettings: Sendable {
  package var margin: Double?
  package var processes: Int?
  package var pairs: Int?
  package var failOn: Set<ComparisonRecord.FailOn> = []
  package var rules: [Rule] = []

  /// A margin for the cases that a pattern matches; the last one that matches counts.
  package struct Rule: Sendable {
    package var pattern: String
    package var margin: Double
  }

  package init() {}

  /// Reads the settings.
  ///
  /// - Parameter text: Of the file.
  /// - Throws: `Problem` with the line of whatever is unknown or out of range.
  package init(text: String) throws(Problem) {
    var version: Double?
    for table in try TOMLReader.tables(of: text) {
      switch (table.name, table.isArrayElement) {
      case ("", false):
        try Self.refuse(table, but: ["version"])
        if case .number(let number) = table.values["version"]?.value { version = number }
      case ("check", false): try read(table)
      case ("case", true): rules.append(try Self.rule(table))
      default:
        throw .init(
          line: table.line,
          reason: "there is no table '\(table.name)' here; known are [check] and [[case]]")
      }
    }
    guard version == 1 else {
      throw .init(line: 1, reason: "the file must begin with 'version = 1'")
    }
  }

  /// The settings of a file; of `costcurve.toml` in this folder, where there is one, for nil.
  ///
  /// - Throws: `absent` for a file that was named and is not there, `malformed` for one that
  ///   cannot be used.
  package init(file: String?) throws(Problem) {
    let path = file ?? "costcurve.toml"
    guard let data = FileManager.default.contents(atPath: path) else {
      guard file == nil else {
        throw Problem(.absent, "there is no file '\(path)'; --config names the gate's settings.")
      }
      self.init()
      return
    }
    do throws(Problem) {
      try self.init(text: String(decoding: data, as: UTF8.self))
    } catch {
      throw Problem(.malformed, "'\(path)', \(error).")
    }
  }

  /// The margin of a case, or nil where nothing is said of it.
  package func margin(of caseID: String) -> Double? {
    let matching = rules.last { rule in
      (try? Regex(rule.pattern)).map { caseID.contains($0) } ?? false
    }
    return matching?.margin ?? margin
  }

  private mutating func read(_ table: TOMLReader.Table) throws(Problem) {
    try Self.refuse(table, but: ["margin", "processes", "pairs", "fail_on"])
    if let entry = table.values["margin"] { margin = try Self.share(entry) }
    if let entry = table.values["processes"] {
      processes = try Self.count("processes", entry, 2...1000)
    }
    if let entry = table.values["pairs"] { pairs = try Self.count("pairs", entry, 2...10_000) }
    guard let entry = table.values["fail_on"] else { return }
    guard case .array(let items) = entry.value else {
      throw .init(line: entry.line, reason: "fail_on needs a list such as [\"unstable\"]")
    }
    for item in items {
      guard case .string(let word) = item, let reason = ComparisonRecord.FailOn(rawValue: word)
      else {
        throw .init(
          line: entry.line, reason: "fail_on knows improvement, inconclusive and unstable")
      }
      failOn.insert(reason)
    }
  }

  private static func rule(_ table: TOMLReader.Table) throws(Problem) -> Rule {
    try refuse(table, but: ["match", "margin"])
    guard let match = table.values["match"], case .string(let pattern) = match.value,
      (try? Regex(pattern)) != nil
    else { throw .init(line: table.line, reason: "[[case]] needs match = 'regular expression'") }
    guard let margin = table.values["margin"] else {
      throw .init(line: table.line, reason: "[[case]] needs margin = \"…%\"")
    }
    return Rule(pattern: pattern, margin: try share(margin))
  }

  private static func share(
    _ entry: (value: TOMLReader.Value, line: Int)
  ) throws(Problem) -> Double {
    if case .string(let text) = entry.value, let share = try? Units.parsePercent(text),
      share > 0, share <= 0.5
    {
      return share
    }
    throw .init(
      line: entry.line, reason: "a margin is a text such as \"2%\", above 0 and up to 50%")
  }

  private static func count(
    _ name: String, _ entry: (value: TOMLReader.Value, line: Int), _ range: ClosedRange<Int>
  ) throws(Problem) -> Int {
    if case .number(let number) = entry.value, let count = Int(exactly: number),
      range.contains(count)
    {
      return count
    }
    throw .init(
      line: entry.line,
      reason: "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
  }

  private static func refuse(
    _ table: TOMLReader.Table, but known: [String]
  ) throws(Problem) {
    let strange = table.values.filter { !known.contains($0.key) }.min {
      $0.value.line < $1.value.line
    }
    guard let strange else { return }
    throw .init(
      line: strange.value.line,
      reason:
        "there is no setting '\(strange.key)' here; known are \(known.joined(separator: ", "))")
  }
}
