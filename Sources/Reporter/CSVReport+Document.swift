extension CSVReport {
  /// Every table of a document, one after the other with an empty line between: a head line, then
  /// its rows; figures as recorded where a cell has one.
  package func text(_ document: Document) -> String {
    let tables = document.sections.flatMap(\.blocks).compactMap { block -> DataTable? in
      switch block {
      case .table(let table), .folded(let table): table
      default: nil
      }
    }
    return tables.map { table in
      let rows = table.rows.map { row in
        row.map { cell in cell.number.map { "\($0)" } ?? cell.text }
      }
      return Self.text([table.columns.map(\.head)] + rows)
    }.joined(separator: "\r\n")
  }
}
