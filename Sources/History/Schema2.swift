import Foundation
import GRDB
import Harness

/// Brings runs that older versions have recorded to the present schema.
enum Schema2 {
  /// Rewrites every record of schema 1, names its cases anew where their ids hid a condition, and
  /// marks what is not to be set beside other runs.
  ///
  /// A record that cannot be read stays as it is.
  static func rewrite(_ db: Database) throws {
    for id in try Int64.fetchAll(db, sql: "SELECT id FROM run ORDER BY id") {
      let stored = try Data.fetchOne(
        db, sql: "SELECT record FROM run WHERE id = ?", arguments: [id])
      guard let data = stored,
        let old = try? ResultRecord.decoder().decode(ResultRecord.self, from: data)
      else { continue }
      let record = old.current
      for (before, after) in zip(old.cases, record.cases) where before.id != after.id {
        try db.execute(
          sql: "UPDATE value SET \"case\" = ? WHERE run = ? AND \"case\" = ?",
          arguments: [after.id, id, before.id])
      }
      let mark = record.extent?.reservation
      let encoded = try ResultRecord.encoder(onOneLine: true).encode(record)
      try db.execute(
        sql: "UPDATE OR IGNORE run SET record = ?, content = ?, mark = ? WHERE id = ?",
        arguments: [encoded, Store.digest(encoded), mark, id])
      if mark != nil {
        try db.execute(sql: "UPDATE value SET marked = 1 WHERE run = ?", arguments: [id])
      }
    }
  }
}
