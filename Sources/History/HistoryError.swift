import Foundation
import GRDB

/// Why the history or a baseline could not be read or written, in a sentence that says what to do.
package struct HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of fault it is; each has an exit code.
  package enum Kind: Hashable, Sendable {
    /// A named run, baseline or file is not there.
    case absent
    /// No permission, no space, or no folder.
    case cannotWrite
    /// What is there is not what it should be.
    case malformed
    /// It was written by a later costcurve.
    case newer
    /// The machines differ.
    case notComparable
  }

  package var kind: Kind
  package var description: String

  package init(_ kind: Kind, _ description: String) {
    (self.kind, self.description) = (kind, description)
  }

  /// DESIGN's exit code.
  package var exitCode: Int32 {
    switch kind {
    case .absent: 5
    case .cannotWrite: 6
    case .malformed: 1
    case .newer, .notComparable: 9
    }
  }

  /// The refusal of a database that cannot be written.
  static func readOnly(_ file: String) -> HistoryError {
    HistoryError(
      .cannotWrite,
      "the history '\(file)' cannot be opened for writing; name a writable file with --database, "
        + "or leave it out with --no-save")
  }

  /// What an error of SQLite on that file means to the user.
  init(_ error: any Error, file: String) {
    guard let database = error as? DatabaseError else {
      self = error as? HistoryError ?? HistoryError(.malformed, "the history '\(file)': \(error)")
      return
    }
    switch database.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        .malformed,
        "the history '\(file)' is damaged or is no database; move it aside and a new one will be "
          + "begun ('sqlite3 FILE .recover' may save its rows), or name another with --database")
    case .SQLITE_FULL:
      self.init(.cannotWrite, "the disk of the history '\(file)' is full; make room and repeat")
    case .SQLITE_IOERR:
      self.init(
        .cannotWrite,
        "the history '\(file)' cannot be read or written (\(database.message ?? "disk error")); look "
          + "after its disk and its limits (ulimit -f), or name another file with --database")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      self = .readOnly(file)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .cannotWrite,
        "the history '\(file)' has been locked by another program for too long; "
          + "repeat when that has ended")
    default:
      self.init(.malformed, "the history '\(file)': \(database.message ?? "\(database)")")
    }
  }
}
