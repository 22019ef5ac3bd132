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
    for condition in ["4"] + conditions { hash.add(condition + "\n") }
    for file in files.flatMap(CalibrationFile.all) {
      let name = file.input + (file.path as NSString).lastPathComponent
      hash.add("\(name) \(ContentDigest.of(file: file.path) ?? 0)\n")
    }
    return UserFolders.cache() + "/quantization-\(hash.text).json"
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
