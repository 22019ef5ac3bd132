import Basics
import GRDB

extension Store {
  /// Removes runs dated before `date`, all but the latest `keep`.
  ///
  /// - Parameters:
  ///   - date: ISO 8601; nil for any date.
  ///   - keep: The number of latest runs that stay whatever their date.
  /// - Returns: How many went.
  /// - Throws: `Problem` where it cannot be written; nothing is then changed.
  @discardableResult
  package func prune(before date: String?, keep: Int) throws -> Int {
    try write { db in
      try db.execute(
        sql: """
          DELETE FROM run WHERE (? IS NULL OR date < ?)
            AND id NOT IN (SELECT id FROM run ORDER BY date DESC, id DESC LIMIT ?)
          """,
        arguments: [date, date, keep])
      return db.changesCount
    }
  }

  /// Removes runs by their numbers.
  ///
  /// - Throws: `Problem` of kind `absent` where one is not there, and where it cannot be written;
  ///   nothing is then changed.
  package func remove(_ runs: [Int64]) throws {
    try write { db in
      for run in runs {
        try db.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run])
        guard db.changesCount > 0 else {
          throw Problem(
            .absent, "there is no run \(run) in the history; 'costcurve history list' shows them")
        }
      }
    }
  }
}
