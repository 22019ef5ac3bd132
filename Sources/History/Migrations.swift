import GRDB

/// The database's shape, as steps that are only ever added to.
enum Migrations {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 runs") { db in
      try db.create(table: "machine") { table in
        table.column("key", .text).primaryKey()
        table.column("fields", .text).notNull()
      }
      try db.create(table: "run") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("date", .text).notNull()
        table.column("command", .text).notNull()
        table.column("machine", .text).notNull().references("machine")
        table.column("commit", .text)
        table.column("cases", .integer).notNull()
        table.column("record", .blob).notNull()
        // The same file imported twice is one run.
        table.column("content", .text).notNull().unique()
      }
      try db.create(index: "run_by_date", on: "run", columns: ["date"])
      try db.create(table: "value", options: [.withoutRowID]) { table in
        table.column("run", .integer).notNull().references("run", onDelete: .cascade)
        table.column("case", .text).notNull()
        table.column("machine", .text).notNull()
        table.column("date", .text).notNull()
        table.column("median_ns", .double).notNull()
        table.column("ci_low_ns", .double)
        table.column("ci_high_ns", .double)
        table.column("process_medians_ns", .text).notNull()
        table.primaryKey(["case", "machine", "date", "run"], onConflict: .replace)
      }
      try db.create(index: "value_by_run", on: "value", columns: ["run"])
    }
    migrator.registerMigration("2 controls and accepted changes") { db in
      try db.create(table: "control") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("case", .text).notNull()
        table.column("machine", .text).notNull()
        table.column("date", .text).notNull()
        table.column("deviation", .double).notNull()
      }
      try db.create(index: "control_by_case", on: "control", columns: ["case", "machine", "date"])
      try db.create(table: "accepted") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("case", .text).notNull()
        table.column("machine", .text).notNull()
        table.column("date", .text).notNull()
        table.column("note", .text).notNull()
      }
    }
    // Nothing read it; each run's record has its processes' medians.
    migrator.registerMigration("3 without medians of processes beside the records") { db in
      try db.alter(table: "value") { table in table.drop(column: "process_medians_ns") }
    }
    migrator.registerMigration("4 runs not to be set beside others, and ids of schema 2") { db in
      try db.alter(table: "run") { table in table.add(column: "mark", .text) }
      try db.alter(table: "value") { table in
        table.add(column: "marked", .boolean).notNull().defaults(to: false)
      }
      try Schema2.rewrite(db)
    }
    return migrator
  }
}
