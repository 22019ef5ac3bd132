import ArgumentParser
import Basics
import Harness
import History

/// Where the history lies.
struct HistoryOptions: Presentation {
  @Option(
    help: "The history's database; in the user's data directory unless given.", completion: .file())
  var database: String?

  var path: String { database ?? UserFolders.database() }

  /// The history, made where there is none yet.
  func store() throws -> Store { try Store(path: path) }

  /// The history that must be there already.
  func existing() throws -> Store { try Store(path: path, mustExist: true) }

  /// A recorded run; the latest where no number is given.
  func record(of number: Int64?) throws -> ResultRecord {
    let store = try existing()
    guard let number = try number ?? store.latestRun() else {
      throw Problem(.absent, "the history '\(store.path)' has no run yet.")
    }
    return try store.record(of: number)
  }

  /// The baselines beside the database.
  var baselines: BaselineStore { BaselineStore(besideDatabase: path) }
}
