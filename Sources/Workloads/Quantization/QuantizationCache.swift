import Basics
import Formats
import Foundation
import Programs

/// Where tables of ranges live: the user's cache directory, one file for what was calibrated and how.
package enum QuantizationCache {
  /// The file for a subject and what it is calibrated with.
  ///
  /// - Parameters:
  ///   - conditions: All that the table follows from, in words.
  ///   - files: Whose content it follows from; a folder's files count by their names and contents.
  /// - Returns: A path whose folder may not exist yet.
  package static func path(_ conditions: [String], files: [String]) -> String {
    var hash = FNV1a()
    for condition in ["1"] + conditions { hash.add(condition + "\n") }
    for file in files.flatMap(contents) {
      hash.add("\((file as NSString).lastPathComponent) \(ContentDigest.of(file: file) ?? 0)\n")
    }
    return UserFolders.cache() + "/quantization-\(hash.text).json"
  }

  /// A file, or the files of a folder; of `NAME=FILE` the file.
  private static func contents(_ path: String) -> [String] {
    let manager = FileManager.default
    let plain =
      manager.fileExists(atPath: path)
      ? path : path.split(separator: "=", maxSplits: 1).last.map(String.init) ?? path
    guard let names = try? manager.contentsOfDirectory(atPath: plain) else { return [plain] }
    return names.sorted().map { "\(plain)/\($0)" }
  }

  /// Keeps a table; the folder is made when it is not there.
  ///
  /// - Throws: `Problem` when it cannot be written.
  package static func save(_ table: QuantizationTable, to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try AtomicFile.write(try table.data(), to: path)
  }
}
