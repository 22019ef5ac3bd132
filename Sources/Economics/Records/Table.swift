import Basics
import Harness

/// A table of public records: named columns, rows of text, a source on every row.
package struct Table: Hashable, Sendable {
  package let name: String
  package let columns: [String]
  /// Cells as they stand in the file; an empty one is a value that the source does not give.
  package var rows: [[String]]
  private let indexOfColumn: [String: Int]

  /// Reads comma-separated values with a header row; a quoted cell may hold commas and `""`.
  ///
  /// - Parameters:
  ///   - name: What expressions call the table: the file's name without its extension.
  ///   - bytes: UTF-8 text; lines end in LF or CRLF.
  /// - Throws: `Problem` naming file and line where a row has too few or too many cells.
  package init(name: String, csv bytes: some Collection<UInt8>) throws {
    var lines = try Self.split(bytes, name: name)
    guard !lines.isEmpty, lines[0].count > 1 else {
      throw Problem(.malformed, "\(name).csv has no header row with comma-separated columns.")
    }
    columns = lines.removeFirst()
    for (index, row) in lines.enumerated() where row.count != columns.count {
      throw Problem(
        .malformed,
        "\(name).csv, row \(index + 2): \(Units.count(row.count, "cell")) where the header has "
          + "\(columns.count).")
    }
    self.name = name
    rows = lines
    indexOfColumn = Dictionary(
      columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  package func index(of column: String) -> Int? { indexOfColumn[column] }

  /// The cell's text; empty where the table has no such column.
  package func text(_ row: Int, _ column: String) -> String {
    indexOfColumn[column].map { rows[row][$0] } ?? ""
  }

  /// The cell as a number; nil where it is empty or no number.
  package func number(_ row: Int, _ column: String) -> Double? { Double(text(row, column)) }

  /// The cell as a date; nil where it is empty or none.
  package func day(_ row: Int, _ column: String) -> Day? { Day(text(row, column)) }

  private static func split(
    _ bytes: some Collection<UInt8>, name: String
  ) throws(Problem) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var quoted = false
    var closedQuote = false
    func endCell() {
      row.append(String(decoding: cell, as: UTF8.self))
      cell.removeAll(keepingCapacity: true)
      closedQuote = false
    }
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""):
        // A quote that follows a closing one inside the same cell is an escaped quote.
        if quoted {
          (quoted, closedQuote) = (false, true)
        } else {
          if closedQuote { cell.append(byte) }
          (quoted, closedQuote) = (true, false)
        }
      case UInt8(ascii: ",") where !quoted:
        endCell()
      case UInt8(ascii: "\n") where !quoted:
        endCell()
        rows.append(row)
        row.removeAll()
      case UInt8(ascii: "\r") where !quoted:
        continue
      default:
        cell.append(byte)
      }
    }
    if quoted {
      throw Problem(.malformed, "\(name).csv ends inside a quoted cell; a quote is missing.")
    }
    if !cell.isEmpty || !row.isEmpty {
      endCell()
      rows.append(row)
    }
    return rows
  }
}
