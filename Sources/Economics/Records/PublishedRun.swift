import Basics

/// A training that the documents name, as work that can be counted: `published_runs.csv`, with its
/// parts in `published_work.csv`.
package struct PublishedRun: Hashable, Sendable {
  /// One kind of work of a run.
  package struct Part: Hashable, Sendable {
    package var id: String
    /// The network of ours whose pass it is; of GPT-3 and Grover one layer.
    package var network: String
    /// Tokens that attention sees; nil where work does not depend on them.
    package var sequence: Int?
    /// Whether a unit is a training step's three passes, or one forward.
    package var isTraining: Bool
    /// Units of one item, such as a game: moves, each so many times.
    package var unitsPerItem: Double
    /// Direct operations of all units.
    package var flop: Double
  }

  package var id: String
  package var title: String
  package var date: Day
  /// What was published of it, in petaflop/s-days; nil where nothing was.
  package var publishedPfsDays: Double?
  /// Whether that is a point of OpenAI's chart.
  package var isCharted: Bool
  package var source: String
  /// What is to be known of the published figure, a clause; empty where it is nothing.
  package var note: String
  package var parts: [Part]

  /// Direct operations of the whole run.
  package var flop: Double { parts.reduce(0) { $0 + $1.flop } }
  /// The same in petaflop/s-days.
  package var pfsDays: Double { flop / CostModel.flopPerPfsDay }

  /// The part of that id.
  package func part(_ id: String) -> Part? { parts.first { $0.id == id } }
}

extension PublishedRun {
  /// All runs, in the order of the table.
  ///
  /// - Throws: `Problem` where a row lacks a date or its work, or a run has no part.
  package static func all(_ records: Records = .builtIn) throws -> [PublishedRun] {
    let work = try parts(records)
    let table = try records.table("published_runs")
    return try table.rows.indices.map { row in
      let id = table.text(row, "run")
      guard let date = table.day(row, "date"), let parts = work[id] else {
        throw Problem(
          .malformed,
          "published_runs.csv, row \(row + 2): a date and a part in published_work.csv are needed.")
      }
      return PublishedRun(
        id: id, title: table.text(row, "title"), date: date,
        publishedPfsDays: table.number(row, "published_pfs_days"),
        isCharted: table.text(row, "published_how") == "charted",
        source: table.text(row, "source"), note: table.text(row, "note"), parts: parts)
    }
  }

  /// The parts of each run, by its id.
  private static func parts(_ records: Records) throws -> [String: [Part]] {
    let table = try records.table("published_work")
    var parts: [String: [Part]] = [:]
    for row in table.rows.indices {
      guard let flop = table.number(row, "flop"), flop > 0, flop.isFinite,
        let passes = table.number(row, "passes"), let each = table.number(row, "per_item"),
        let repeats = table.number(row, "repeats")
      else {
        throw Problem(
          .malformed,
          "published_work.csv, row \(row + 2): operations and their factors are needed.")
      }
      parts[table.text(row, "run"), default: []].append(
        Part(
          id: table.text(row, "part"), network: table.text(row, "network"),
          sequence: Int(table.text(row, "sequence")), isTraining: passes > 1,
          unitsPerItem: each * repeats, flop: flop))
    }
    return parts
  }
}
