import Foundation
import Harness

/// A result record in a file, as `--format json` writes it.
enum ResultFile {
  /// - Throws: Exit 5 for a file that is not there, 1 for one that holds no result.
  static func read(_ path: String) throws -> ResultRecord {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.absent, "there is no file '\(path)' that can be read; give a run.json.")
    }
    let record: ResultRecord
    do {
      record = try ResultRecord.decoder().decode(ResultRecord.self, from: data)
    } catch {
      throw Failure(.failure, "'\(path)' holds no costcurve result: \(error)")
    }
    guard record.schema == "costcurve.result", record.schemaVersion <= 1 else {
      throw Failure(
        .failure,
        "'\(path)' holds \(record.schema) version \(record.schemaVersion); this costcurve reads "
          + "costcurve.result version 1.")
    }
    return record
  }
}
