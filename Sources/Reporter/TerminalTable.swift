/// A table as lines of text that fit a width.
struct TerminalTable {
  private let table: DataTable
  private let width: Int
  /// Indices of the columns that are shown, and their widths.
  private var columns: [Int] = []
  private var widths: [Int] = []

  /// Chooses the columns: those of the highest rank go first where room is short.
  init(_ table: DataTable, width: Int) {
    self.table = table
    self.width = width
    let ranks = Set(table.columns.map(\.rank)).sorted(by: >)
    for limit in ranks {
      columns = table.columns.indices.filter { table.columns[$0].rank <= limit }
      widths = columns.map { natural($0) }
      if total <= width { return }
    }
    // The mandatory columns do not fit: texts are wrapped, the widest first.
    while total > width {
      let widest = widths.indices.filter { !table.columns[columns[$0]].isNumber }.max {
        widths[$0] < widths[$1]
      }
      guard let index = widest ?? widths.indices.max(by: { widths[$0] < widths[$1] }),
        widths[index] > 12
      else { break }
      widths[index] -= min(widths[index] - 12, total - width)
    }
  }

  private var total: Int { widths.reduce(0, +) + 2 * widths.count }

  private func natural(_ column: Int) -> Int {
    let head = headLines(column).map(\.columns).max() ?? 0
    return table.rows.map { text($0, column).columns }.reduce(head, max)
  }

  /// What stretches over the columns to its right widens none.
  private func text(_ row: [DataTable.Cell], _ column: Int) -> String {
    row[column].spansTheRest ? "" : row[column].full.clipped(to: 300).harmless
  }

  private func headLines(_ column: Int) -> [String] {
    let head = table.columns[column]
    return head.unit.isEmpty ? [head.title] : [head.title, head.unit]
  }

  /// Caption, heads and rows.
  func lines(style: (String, TerminalReport.Style) -> String) -> [String] {
    var lines = table.caption.wrapped(to: width).map { style($0, .bold) }
    let heads = columns.map { headLines($0) }
    for level in 0..<(heads.map(\.count).max() ?? 1) {
      let cells = zip(columns, zip(heads, widths)).map { column, entry -> String in
        let text = level < entry.0.count ? entry.0[level] : ""
        return text.padded(to: entry.1, onTheLeft: table.columns[column].isNumber)
      }
      lines.append(style("  " + cells.joined(separator: "  ").trimmedRight, .dim))
    }
    for row in table.rows { lines += self.lines(of: row, style: style) }
    return lines
  }

  private func lines(
    of row: [DataTable.Cell], style: (String, TerminalReport.Style) -> String
  ) -> [String] {
    if row.count > 1, row[1].spansTheRest {
      let start = "  " + row[0].full.clipped(to: 300).harmless.padded(to: widths[0]) + "  "
      let whole = start + row[1].text.clipped(to: 300).harmless
      let lines =
        whole.columns <= width
        ? [whole]
        : [start.trimmedRight] + row[1].text.clipped(to: 300).harmless.wrapped(to: width, indent: 4)
      return lines.map { style($0, .bad) }
    }
    let cells = zip(columns, widths).map { column, width in
      row[column].full.clipped(to: 300).harmless.wrapped(to: width)
    }
    return (0..<(cells.map(\.count).max() ?? 0)).map { level in
      let parts = zip(columns, zip(cells, widths)).map { column, entry -> String in
        let text = level < entry.0.count ? entry.0[level] : ""
        return text.padded(to: entry.1, onTheLeft: table.columns[column].isNumber)
      }
      return "  " + parts.joined(separator: "  ").trimmedRight
    }
  }
}
