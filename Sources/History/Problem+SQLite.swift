import Basics
import GRDB

extension Problem {
  /// The refusal of a database that cannot be written.
  static func readOnly(_ file: String) -> Problem {
    Problem(
      .cannotWrite,
      "the history '\(file)' cannot be opened for writing; name a writable file with --database, "
        + "or leave it out with --no-save")
  }

  /// What an error of SQLite on that file means to the user.
  init(_ error: any Error, file: String) {
    guard let database = error as? DatabaseError else {
      self = error as? Problem ?? Problem(.malformed, "the history '\(file)': \(error)")
      return
    }
    switch database.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        .malformed,
        "the history '\(file)' is damaged or is not a database; move it aside and a new one will "
          + "be begun ('sqlite3 FILE .recover' may save its rows), or name another with --database")
    case .SQLITE_FULL:
      self.init(.cannotWrite, "the disk of the history '\(file)' is full; make room and repeat")
    case .SQLITE_IOERR:
      self.init(
        .cannotWrite,
        "the history '\(file)' cannot be read or written (\(database.message ?? "disk error")); "
          + "look after its disk and its limits (ulimit -f), or name another file with --database")
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
