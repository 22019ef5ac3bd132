import ArgumentParser
import Basics
import Foundation
import Harness
import History

/// Where the history lies.
struct HistoryOptions: Presentation {
  @Option(
    help: "The history's database; in the user's data directory unless given.", completion: .file())
  var database: String?

  /// Path of the database.
  var path: String { database ?? UserFolders.database() }

  /// The history, made where there is none yet.
  func store() throws -> Store { try Store(path: path) }

  /// The history that must be there already.
  func existing() throws -> Store { try Store(path: path, mustExist: true) }

  /// The baselines beside the database.
  var baselines: BaselineStore { BaselineStore(besideDatabase: path) }
}

extension Failure {
  /// The failure that an error of the history or of a baseline means.
  init(_ error: HistoryError) {
    self.init(ExitStatus(rawValue: error.exitCode) ?? .failure, error.description + ".")
  }

  /// The failure that a worker's error means; whoever interrupted it need not be told so.
  init(_ error: WorkerError) {
    self.init(
      ExitStatus(rawValue: error.exitCode) ?? .caseFailed,
      error == .cancelled ? "" : error.description)
  }
}
