import ArgumentParser
import Foundation
import Networks

/// What commands on given arrays print.
enum ArrayReport {
  /// The forms that it can have.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  /// A report as JSON, keys as they are and sorted, for formats that others have fixed.
  static func plainJSON(_ report: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }
}

/// Checks on a place to write to.
enum OutputFile {
  /// Refuses a place that cannot be written, before anything is computed for it.
  ///
  /// - Throws: `FileError` of kind `cannotWrite`.
  static func refuseUnwritable(_ path: String) throws {
    _ = try AtomicFile(path: path)
  }
}
