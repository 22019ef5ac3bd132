import Basics

/// Reads the part of TOML that a settings file of this size needs, and refuses the rest by line.
///
/// Tables, arrays of tables, bare and quoted keys, basic and literal strings, whole and decimal
/// numbers, booleans, and arrays of these on one line (TOML 1.0; no dates, inline tables, dotted
/// keys or multi-line values).
package enum TOMLReader {
  /// A value with the line that it stands on.
  package indirect enum Value: Hashable, Sendable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case array([Value])
  }

  /// One table: its keys with their lines.
  package struct Table: Sendable {
    /// The header, or an empty string for the top of the file.
    package var name: String
    package var line: Int
    package var isArrayElement: Bool
    package var values: [String: (value: Value, line: Int)] = [:]
  }

  /// The file's tables in order, the nameless top first.
  package static func tables(of text: String) throws(Problem) -> [Table] {
    var tables = [Table(name: "", line: 1, isArrayElement: false)]
    for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var scanner = Scanner(text: Array(raw), line: index + 1)
      scanner.skipBlanks()
      guard let first = scanner.peek, first != "#" else { continue }
      if first == "[" {
        let table = try scanner.header()
        let repeats = tables.contains { $0.name == table.name && !table.isArrayElement }
        if repeats { throw scanner.error("the table [\(table.name)] is there twice") }
        tables.append(table)
      } else {
        let key = try scanner.key()
        try scanner.expect("=")
        let value = try scanner.value()
        let last = tables.count - 1
        if tables[last].values[key] != nil { throw scanner.error("'\(key)' is there twice") }
        tables[last].values[key] = (value, index + 1)
      }
      try scanner.end()
    }
    return tables
  }

  /// One line, read from the left.
  private struct Scanner {
    let text: [Character]
    let line: Int
    var position = 0

    var peek: Character? { position < text.count ? text[position] : nil }

    func error(_ reason: String) -> Problem { Problem(line: line, reason: reason) }

    mutating func skipBlanks() {
      while let next = peek, next == " " || next == "\t" || next == "\r" { position += 1 }
    }

    mutating func expect(_ wanted: Character) throws(Problem) {
      skipBlanks()
      guard peek == wanted else { throw error("expected '\(wanted)'") }
      position += 1
    }

    mutating func end() throws(Problem) {
      skipBlanks()
      guard peek == nil || peek == "#" else {
        throw error("'\(String(text[position...]))' is more than belongs on this line")
      }
    }

    mutating func header() throws(Problem) -> Table {
      try expect("[")
      let isArray = peek == "["
      if isArray { position += 1 }
      let name = try key()
      try expect("]")
      if isArray { try expect("]") }
      return Table(name: name, line: line, isArrayElement: isArray)
    }

    mutating func key() throws(Problem) -> String {
      skipBlanks()
      if peek == "\"" || peek == "'" { return try string() }
      let start = position
      while let next = peek, next.isASCII, next.isLetter || next.isNumber || "_-".contains(next) {
        position += 1
      }
      guard position > start else { throw error("expected a name") }
      return String(text[start..<position])
    }

    mutating func value() throws(Problem) -> Value {
      skipBlanks()
      switch peek {
      case "\"", "'": return .string(try string())
      case "[": return .array(try array())
      default: return try word()
      }
    }

    private mutating func array() throws(Problem) -> [Value] {
      try expect("[")
      var values: [Value] = []
      while true {
        skipBlanks()
        if peek == "]" { break }
        values.append(try value())
        skipBlanks()
        guard peek == "," else { break }
        position += 1
      }
      try expect("]")
      return values
    }

    private mutating func string() throws(Problem) -> String {
      let quote = text[position]
      position += 1
      var result = ""
      while let next = peek {
        position += 1
        if next == quote { return result }
        guard next == "\\", quote == "\"" else {
          result.append(next)
          continue
        }
        let escapes: [Character: Character] = ["\\": "\\", "\"": "\"", "n": "\n", "t": "\t"]
        guard let escaped = peek.flatMap({ escapes[$0] }) else {
          throw error("a backslash before what needs none; use '…' for patterns")
        }
        result.append(escaped)
        position += 1
      }
      throw error("a text without its closing \(quote)")
    }

    private mutating func word() throws(Problem) -> Value {
      let start = position
      while let next = peek, !" \t\r,]#".contains(next) { position += 1 }
      let word = String(text[start..<position])
      if word == "true" || word == "false" { return .bool(word == "true") }
      let digits = word.replacing("_", with: "")
      let isPlain = digits.allSatisfy { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
      guard isPlain, let number = Double(digits) else {
        throw error("'\(word)' is not a value; text needs quotes")
      }
      return .number(number)
    }
  }
}

extension Problem {
  /// What is wrong on a line of a settings file.
  init(line: Int, reason: String) { self.init(.malformed, "line \(line): \(reason)") }
}
