import Basics
import Foundation
import GRDB
import Harness

/// The history of runs: an embedded SQLite database in the user's data directory.
///
/// Every change is one transaction in write-ahead mode, so a killed process leaves the state before
/// or after it; several processes may write at once and wait for each other up to a minute.
package final class Store {
  package let path: String
  let database: DatabaseQueue

  /// Opens the database, making it and bringing it up to date where needed.
  ///
  /// - Parameters:
  ///   - path: Of the file; folders above it are made.
  ///   - mustExist: True for commands that only read: an empty history is then a named absence, and
  ///     one that cannot be written is read as it is.
  /// - Throws: `Problem`, also for a database that a later costcurve has written.
  package init(path: String = UserFolders.database(), mustExist: Bool = false) throws {
    self.path = path
    let exists = FileManager.default.fileExists(atPath: path)
    if mustExist, !exists {
      throw Problem(
        .absent, "there is no history at '\(path)' yet; every run without --no-save adds to it")
    }
    if !exists { try Store.makeFolder(above: path) }
    let folder = (path as NSString).deletingLastPathComponent
    let readOnly =
      exists && (access(path, W_OK) != 0 || access(folder.isEmpty ? "." : folder, W_OK) != 0)
    guard mustExist || !readOnly else { throw Problem.readOnly(path) }
    var configuration = Configuration()
    configuration.busyMode = .timeout(60)
    configuration.readonly = readOnly
    // SQLite lets nobody wait for a change of the journal's mode, so first openers take turns.
    let turn = FolderLock(above: path)
    defer { turn.release() }
    do {
      database = try DatabaseQueue(
        path: readOnly ? Store.unchanging(path) : path, configuration: configuration)
      if !readOnly {
        try database.writeWithoutTransaction { db in
          try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
      }
      if try database.read(Migrations.migrator.hasBeenSuperseded) {
        throw Problem(
          .notComparable,
          "the history '\(path)' was written by a later costcurve; use that one, or name another "
            + "file with --database")
      }
      if try !readOnly || !database.read(Migrations.migrator.hasCompletedMigrations) {
        try Migrations.migrator.migrate(database)
      }
    } catch {
      throw Problem(error, file: path)
    }
  }

  /// The name by which SQLite reads a database beside which it may not make its own files.
  ///
  /// With changes that are not yet in the database itself, their file has to be read as well, and
  /// SQLite then needs what it has left beside it.
  private static func unchanging(_ path: String) -> String {
    var status = stat()
    guard stat(path + "-wal", &status) != 0 || status.st_size == 0 else { return path }
    let plain = CharacterSet.urlPathAllowed.subtracting(CharacterSet(charactersIn: "?#%;"))
    let name = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return "file://\(name.addingPercentEncoding(withAllowedCharacters: plain) ?? name)?immutable=1"
  }

  private static func makeFolder(above path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    guard !folder.isEmpty else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Problem(
        .cannotWrite,
        "the folder '\(folder)' for the history cannot be made; name a writable file with "
          + "--database, or leave it out with --no-save")
    }
  }

  /// Runs a transaction, with errors turned into sentences.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    do { return try database.write(body) } catch { throw Problem(error, file: path) }
  }

  /// Reads, with errors turned into sentences.
  func read<T>(_ body: (Database) throws -> T) throws -> T {
    do { return try database.read(body) } catch { throw Problem(error, file: path) }
  }

  /// The first row's value of a query; nil where there is no row.
  func value<T: DatabaseValueConvertible>(
    _ sql: String, _ arguments: StatementArguments = []
  ) throws -> T? {
    try read { try T.fetchOne($0, sql: sql, arguments: arguments) }
  }

  /// The value of every row of a query.
  func values<T: DatabaseValueConvertible>(
    _ sql: String, _ arguments: StatementArguments = []
  ) throws -> [T] {
    try read { try T.fetchAll($0, sql: sql, arguments: arguments) }
  }

  // MARK: Runs

  /// Adds a run: its record without raw samples, and each case's figures for trends.
  ///
  /// - Parameters:
  ///   - record: Of a measurement.
  ///   - command: The command's name, such as `run`.
  ///   - part: The `content` of an interrupted run that this record completes and replaces.
  /// - Returns: The run's number; the old one where the same content is there already.
  /// - Throws: `Problem` where it cannot be written; nothing is then changed.
  @discardableResult
  package func add(
    _ record: ResultRecord, command: String, completing part: String? = nil
  ) throws -> Int64 {
    let encoded = try ResultRecord.encoder(onOneLine: true).encode(record.withoutSamples)
    let content = Store.digest(encoded)
    let machine = Fingerprint(record.context)
    return try write { db in
      if let part, part != content {
        try db.execute(sql: "DELETE FROM run WHERE content = ?", arguments: [part])
      }
      let known = try Int64.fetchOne(
        db, sql: "SELECT id FROM run WHERE content = ?", arguments: [content])
      if let known { return known }
      try db.execute(
        sql: "INSERT OR IGNORE INTO machine (key, fields) VALUES (?, ?)",
        arguments: [
          machine.key, String(decoding: try JSONEncoder().encode(machine), as: UTF8.self),
        ])
      try db.execute(
        sql: """
          INSERT INTO run (date, command, machine, "commit", cases, record, content, mark)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          record.context.date, command, machine.key, record.context.git?.commit,
          record.cases.count, encoded, content, record.extent?.reservation,
        ])
      let id = db.lastInsertedRowID
      for item in record.cases {
        try Store.addValue(
          of: item, run: id, machine: machine.key, date: record.context.date,
          isMarked: record.extent?.reservation != nil, in: db)
      }
      return id
    }
  }

  private static func addValue(
    of item: CaseRecord, run: Int64, machine: String, date: String, isMarked: Bool,
    in db: Database
  ) throws {
    guard item.validity.ok, let statistics = item.statistics else { return }
    let ends = statistics.ci95Ns
    try db.execute(
      sql: """
        INSERT INTO value (run, "case", machine, date, median_ns, ci_low_ns, ci_high_ns, marked)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        run, item.id, machine, date, statistics.medianNs, ends?.first, ends?.last, isMarked,
      ])
  }

  /// A name of the content: two 64-bit FNV-1a sums with different starts.
  static func digest(_ data: Data) -> String {
    [0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15 as UInt64].map { start in
      var hash = FNV1a(start: start)
      data.withUnsafeBytes { hash.add($0) }
      return String(hash.value, radix: 16)
    }.joined(separator: "-")
  }
}

extension ResultRecord {
  /// The record with each process's samples replaced by their median.
  package var withoutSamples: ResultRecord {
    var slim = self
    for index in slim.cases.indices {
      let medians = slim.cases[index].processes.filter { !$0.samplesNs.isEmpty }
        .map { Quantile.median(of: $0.samplesNs) }
      if !medians.isEmpty { slim.cases[index].processMediansNs = medians }
      slim.cases[index].processes = []
    }
    return slim
  }
}

extension Store {
  /// Lets the database grow no further, as on a full disk; for tests.
  package func limitToPresentSize() throws {
    try database.writeWithoutTransaction { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 1
      try db.execute(sql: "PRAGMA max_page_count = \(pages)")
    }
  }
}
