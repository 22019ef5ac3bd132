import Foundation

/// Lays out JSON so that a person can read it and an array of a thousand numbers is not as many
/// lines: values that are neither objects nor arrays fill lines of a hundred columns.
enum JSONLayout {
  /// Columns that a line of values fills.
  private static let width = 100

  /// The same JSON with its arrays of plain values filled.
  ///
  /// - Parameter pretty: As `JSONEncoder` writes it with `.prettyPrinted`, a value or bracket a line;
  ///   a string's own line ends are escaped there, so none of its lines is taken for one.
  /// - Returns: The bytes, without a line end after the last.
  static func filled(_ pretty: Data) -> [UInt8] {
    let lines = [UInt8](pretty).split(separator: newline, omittingEmptySubsequences: false)
    var result: [UInt8] = []
    result.reserveCapacity(pretty.count)
    var index = 0
    while index < lines.count {
      if index > 0 { result.append(newline) }
      result += lines[index]
      let rest = lines[(index + 1)...]
      index += 1
      guard result.last == opening,
        let end = rest.firstIndex(where: { beginsWithClosing($0) || opens($0) }),
        beginsWithClosing(lines[end])
      else { continue }
      append(rest[..<end].map(value), to: &result, indent: indent(of: lines[end]))
      result += lines[end].drop { $0 == space }
      index = end + 1
    }
    return result
  }

  /// Appends values between brackets, on the bracket's line where they fit.
  private static func append(
    _ values: [ArraySlice<UInt8>], to result: inout [UInt8], indent: Int
  ) {
    let begin = result.lastIndex(of: newline) ?? 0
    let length = values.reduce(0) { $0 + $1.count + 2 }
    let isShort = result.count - begin + length <= width
    var column = width
    for (index, value) in values.enumerated() {
      if index > 0 { result.append(comma) }
      if isShort {
        if index > 0 { result.append(space) }
      } else if column + value.count + 2 > width {
        result.append(newline)
        result += Array(repeating: space, count: indent + 2)
        column = indent + 2
      } else {
        result.append(space)
      }
      result += value
      column += value.count + 2
    }
    guard !isShort else { return }
    result.append(newline)
    result += Array(repeating: space, count: indent)
  }

  private static func beginsWithClosing(_ line: ArraySlice<UInt8>) -> Bool {
    line.first { $0 != space } == closing
  }

  private static func opens(_ line: ArraySlice<UInt8>) -> Bool {
    line.last == opening || line.last == UInt8(ascii: "{")
  }

  private static func indent(of line: ArraySlice<UInt8>) -> Int {
    line.prefix { $0 == space }.count
  }

  private static func value(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let text = line.drop { $0 == space }
    return text.last == comma ? text.dropLast() : text
  }

  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")
  private static let comma = UInt8(ascii: ",")
  private static let opening = UInt8(ascii: "[")
  private static let closing = UInt8(ascii: "]")
}
