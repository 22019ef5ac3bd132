import Basics
import Foundation
import Harness
import Workloads

/// The files that external runtimes are given in a search: those of one precision and batch size at
/// a time, for each has weights of its own.
final class SearchFiles {
  private let subject: WorkSubject
  /// Tokens of a sequence of a network; nil for the usual number.
  private let tokens: Int?
  private let seed: UInt64
  private let threads: Int
  /// Path of the ranges of int8; nil where it has none, and for a file that says its own.
  private let table: String?
  private let folder: String
  private var current: (precision: CaseID.Precision?, batch: Int, options: [String: String])?

  /// Makes the folder that they lie in.
  ///
  /// - Throws: Where it cannot be made.
  init(
    of subject: WorkSubject, tokens: Int?, seed: UInt64, threads: Int, table: String?
  ) throws {
    (self.subject, self.tokens, self.seed) = (subject, tokens, seed)
    (self.threads, self.table) = (threads, table)
    folder = NSTemporaryDirectory() + "costcurve-search-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Options that name them.
  ///
  /// - Parameters:
  ///   - precision: What layers multiply; nil for float32.
  ///   - batch: Items.
  /// - Returns: What a `prepare` line takes.
  /// - Throws: A full disk, and what cannot be exported or computed.
  func options(
    _ precision: CaseID.Precision?, _ batch: Int
  ) throws(Problem) -> [String: String] {
    if let current, current.precision == precision, current.batch == batch {
      return current.options
    }
    do {
      let place = folder + "/case"
      try? FileManager.default.removeItem(atPath: place)
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      let files = try PeerFiles(
        folder: place, of: subject, tokens: tokens, batch: batch,
        seed: UInt32(truncatingIfNeeded: seed), engine: .native, threads: threads,
        precision: precision, table: precision == .int8 ? table : nil)
      current = (precision, batch, files.options)
      return files.options
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(.cannotWrite, "the files of external runtimes: \(error)")
    }
  }
}
