import Basics

/// A training on CPUs that was published on few nodes and on many: `scaling_records.csv`, which names
/// the rows of other tables that have the figures.
package struct PublishedScaling: Hashable, Sendable {
  /// The training on one number of nodes.
  package struct Run: Hashable, Sendable {
    package var nodes: Int
    /// To the accuracy that all had to reach.
    package var hours: Double
    /// Nil where nobody priced it.
    package var usd: Double?
  }

  package var title: String
  package var fewer: Run
  package var more: Run
  package var note: String
  package var source: String

  /// Node-hours on fewer nodes over those on more: the rate beside as many times that of the fewer.
  package var efficiency: Double {
    Double(fewer.nodes) * fewer.hours / (Double(more.nodes) * more.hours)
  }

  /// All records, in the order of the table.
  ///
  /// - Parameter records: The tables.
  /// - Returns: As they were published.
  /// - Throws: `Problem` where a row names another row that is not there, or that has no figures.
  package static func all(_ records: Records = .builtIn) throws -> [PublishedScaling] {
    let table = try records.table("scaling_records")
    return try table.rows.indices.map { row in
      PublishedScaling(
        title: table.text(row, "title"),
        fewer: try run(table.text(row, "fewer"), of: table, row, records),
        more: try run(table.text(row, "more"), of: table, row, records),
        note: table.text(row, "note"), source: table.text(row, "source"))
    }
  }

  /// One run, where its table has it.
  private static func run(
    _ name: String, of table: Table, _ row: Int, _ records: Records
  ) throws -> Run {
    let figures = try records.table(table.text(row, "table"))
    let key = table.text(row, "key")
    let found = figures.rows.indices.filter { figures.text($0, key) == name }
    let perHour = ["hours": 1.0, "minutes": 60.0][table.text(row, "unit")]
    guard found.count == 1, let perHour,
      let nodes = figures.number(found[0], table.text(row, "nodes")), nodes >= 1,
      let time = figures.number(found[0], table.text(row, "time")), time > 0
    else {
      throw Problem(
        .malformed,
        "scaling_records.csv, row \(row + 2): \(figures.name).csv needs one row '\(name)' with "
          + "nodes and a time in hours or minutes.")
    }
    return Run(
      nodes: Int(nodes), hours: time / perHour,
      usd: figures.number(found[0], table.text(row, "usd")))
  }
}
