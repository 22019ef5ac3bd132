import Basics
import Foundation
import GRDB
import Harness

extension Store {
  /// One line of `history list`.
  package struct RunRow: Codable, Hashable, Sendable, FetchableRecord {
    package var id: Int64
    package var date: String
    package var command: String
    package var machine: String
    package var commit: String?
    package var cases: Int
    /// Why its figures are in no trend, such as `single process`; null where they are.
    @Nullable package var mark: String?
  }

  package struct Point: Hashable, Sendable {
    package var run: Int64
    package var date: String
    package var medianNs: Double
    package var intervalNs: [Double]?
  }

  /// The latest runs first.
  ///
  /// - Parameters:
  ///   - limit: At most so many.
  ///   - matching: Only runs with a case whose id contains this text.
  /// - Returns: Rows without their records.
  /// - Throws: `Problem` for a damaged database.
  package func runs(limit: Int, matching: String? = nil) throws -> [RunRow] {
    let columns = "SELECT id, date, command, machine, \"commit\", cases, mark FROM run"
    let order = "ORDER BY date DESC, id DESC LIMIT ?"
    guard let matching else {
      return try read { try RunRow.fetchAll($0, sql: "\(columns) \(order)", arguments: [limit]) }
    }
    let names = try caseIDs().filter { $0.contains(matching) }
    return try read { db in
      // The latest of each case and machine lie together; a scan of all figures would take seconds.
      let latest = try db.makeStatement(
        sql: """
          SELECT run FROM value WHERE "case" = ? AND machine = ?
          ORDER BY date DESC, run DESC LIMIT ?
          """)
      let machines = try String.fetchAll(db, sql: "SELECT key FROM machine")
      var runs: Set<Int64> = []
      for name in names {
        for machine in machines {
          runs.formUnion(try Int64.fetchAll(latest, arguments: [name, machine, limit]))
        }
      }
      let list = String(decoding: try JSONEncoder().encode(runs.sorted()), as: UTF8.self)
      return try RunRow.fetchAll(
        db, sql: "\(columns) WHERE id IN (SELECT value FROM json_each(?)) \(order)",
        arguments: [list, limit])
    }
  }

  package func count() throws -> Int {
    try value("SELECT count(*) FROM run") ?? 0
  }

  /// A run's record, without raw samples.
  ///
  /// - Throws: `Problem` of kind `absent` for a number that is not there.
  package func record(of run: Int64) throws -> ResultRecord {
    guard let data: Data = try value("SELECT record FROM run WHERE id = ?", [run]) else {
      throw Problem(
        .absent, "there is no run \(run) in the history; 'costcurve history list' shows them")
    }
    do {
      return try ResultRecord.read(data)
    } catch {
      throw Problem(.malformed, "run \(run) of the history '\(path)' cannot be read: \(error)")
    }
  }

  /// The commits that runs were made at, by run; those outside a repository are not in it.
  package func commits(of runs: [Int64]) throws -> [Int64: String] {
    let list = String(decoding: try JSONEncoder().encode(runs), as: UTF8.self)
    return try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT id, "commit" FROM run
          WHERE id IN (SELECT value FROM json_each(?)) AND "commit" IS NOT NULL
          """,
        arguments: [list])
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"], $0["commit"]) })
    }
  }

  /// The name of a run's content: equal for equal records.
  package func content(of run: Int64) throws -> String? {
    try value("SELECT content FROM run WHERE id = ?", [run])
  }

  package func latestRun() throws -> Int64? {
    try value("SELECT id FROM run ORDER BY date DESC, id DESC LIMIT 1")
  }

  /// Ids of all cases ever recorded, ascending.
  ///
  /// Leaps from one id to the next in the index, for DISTINCT would walk all figures.
  package func caseIDs() throws -> [String] {
    try values(
      """
      WITH RECURSIVE name(id) AS (
        SELECT min("case") FROM value
        UNION ALL SELECT (SELECT min("case") FROM value WHERE "case" > id) FROM name
          WHERE id IS NOT NULL)
      SELECT id FROM name WHERE id IS NOT NULL
      """)
  }

  /// Keys of the machines that a case was measured on, the latest first.
  package func machines(of caseID: String) throws -> [String] {
    try values(
      """
      SELECT key FROM (SELECT key, (SELECT max(date) FROM value
        WHERE "case" = ? AND value.machine = machine.key) AS latest FROM machine)
      WHERE latest IS NOT NULL ORDER BY latest DESC
      """, [caseID])
  }

  /// A case's figures on one machine, oldest first.
  ///
  /// - Parameters:
  ///   - caseID: As recorded.
  ///   - machine: A fingerprint's key. Runs that did not yet say which family, model and stepping
  ///     they were on count as this machine's where no other design could be theirs.
  ///   - limit: At most so many of the latest.
  ///   - includingMarked: Whether interrupted, smoke and single-process runs are among them.
  /// - Returns: The figures with their runs and dates.
  /// - Throws: `Problem` for a damaged database.
  package func points(
    of caseID: String, machine: String, limit: Int, includingMarked: Bool = false
  ) throws -> [Point] {
    let keys = try [machine] + (olderKey(of: machine).map { [$0] } ?? [])
    return try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT run, date, median_ns, ci_low_ns, ci_high_ns FROM value
          WHERE "case" = ? AND machine IN (?, ?) AND (marked = 0 OR ?)
          ORDER BY date DESC, run DESC LIMIT ?
          """,
        arguments: [caseID, keys[0], keys.last, includingMarked, limit])
      return rows.reversed().map { row in
        let (low, high): (Double?, Double?) = (row["ci_low_ns"], row["ci_high_ns"])
        return Point(
          run: row["run"], date: row["date"], medianNs: row["median_ns"],
          intervalNs: low.flatMap { low in high.map { [low, $0] } })
      }
    }
  }

  /// The key that older runs have on a machine; nil where they may be another design's as well.
  private func olderKey(of machine: String) throws -> String? {
    guard let older = try fingerprint(machine)?.olderKey, older != machine else { return nil }
    let keys: [String] = try values("SELECT key FROM machine")
    let claimants = try keys.filter { key in
      try key != older && fingerprint(key)?.olderKey == older
    }
    return claimants == [machine] ? older : nil
  }

  /// The fields behind a machine's key.
  package func fingerprint(_ key: String) throws -> Fingerprint? {
    let text: String? = try value("SELECT fields FROM machine WHERE key = ?", [key])
    return text.flatMap { try? JSONDecoder().decode(Fingerprint.self, from: Data($0.utf8)) }
  }

  // MARK: Controls and accepted changes

  /// Keeps how far apart identical code came out, for the margins of later comparisons.
  package func addControls(_ record: ComparisonRecord) throws {
    let machine = Fingerprint(record.context).key
    try write { db in
      for item in record.cases {
        guard let control = item.control else { continue }
        try db.execute(
          sql: "INSERT INTO control (\"case\", machine, date, deviation) VALUES (?, ?, ?, ?)",
          arguments: [item.id, machine, record.context.date, abs(control.ratio - 1)])
      }
    }
  }

  /// The latest 20 deviations of a case's control on one machine.
  package func controls(of caseID: String, machine: String) throws -> [Double] {
    try values(
      """
      SELECT deviation FROM control WHERE "case" = ? AND machine = ?
      ORDER BY date DESC, id DESC LIMIT 20
      """, [caseID, machine])
  }

  /// Marks a change as meant: trends restart their centre there and keep their spread.
  package func accept(caseID: String, machine: String, date: String, note: String) throws {
    try write { db in
      try db.execute(
        sql: "INSERT INTO accepted (\"case\", machine, date, note) VALUES (?, ?, ?, ?)",
        arguments: [caseID, machine, date, note])
    }
  }

  /// Dates and notes of the accepted changes of a case.
  package func accepted(caseID: String, machine: String) throws -> [(date: String, note: String)] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT date, note FROM accepted WHERE \"case\" = ? AND machine = ? ORDER BY date",
        arguments: [caseID, machine]
      ).map { ($0["date"], $0["note"]) }
    }
  }
}
