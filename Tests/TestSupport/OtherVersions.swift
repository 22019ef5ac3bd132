import GRDB

/// Databases of the history as other versions of costcurve leave them.
package enum OtherVersions {
  /// Takes the database at `path` back to the shape before its last migration.
  package static func makeEarlier(path: String) throws {
    try DatabaseQueue(path: path).write { db in
      try db.execute(
        sql: """
          ALTER TABLE value ADD COLUMN process_medians_ns TEXT NOT NULL DEFAULT '[1,2]';
          ALTER TABLE value DROP COLUMN marked;
          ALTER TABLE run DROP COLUMN mark;
          DELETE FROM grdb_migrations WHERE identifier LIKE '3 %' OR identifier LIKE '4 %';
          """)
    }
  }

  /// Marks the database at `path` as if a later costcurve had migrated it.
  package static func makeLater(path: String) throws {
    try DatabaseQueue(path: path).write { db in
      try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 later')")
    }
  }
}
