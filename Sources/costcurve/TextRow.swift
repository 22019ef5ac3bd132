/// A row of a plain table in the terminal.
enum TextRow {
  /// Sets texts in columns of the given widths, in characters; what is too long pushes on.
  ///
  /// - Parameters:
  ///   - texts: One a column.
  ///   - widths: As many.
  ///   - leading: Columns from the left that begin at their edge; figures after them end there.
  /// - Returns: The row, without a line end.
  static func text(_ texts: [String], widths: [Int], leading: Int) -> String {
    zip(texts, widths).enumerated().map { index, column in
      let padding = String(repeating: " ", count: max(0, column.1 - column.0.count))
      return index < leading ? column.0 + padding : padding + column.0
    }.joined(separator: " ")
  }
}
