import Basics
import Formats
import Foundation
import Harness

/// Where tuning tables live: the user's cache directory, one file a binary and machine.
package enum TuningCache {
  /// The file for this binary on this machine.
  ///
  /// - Parameter environment: Looked up for `XDG_CACHE_HOME` and `HOME`.
  /// - Returns: A path whose folder may not exist yet.
  package static func path(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String { UserFolders.cache(environment: environment) + "/tuning-\(fingerprint).json" }

  /// Processor, its flags, instruction set of the build, and the bytes of the executable.
  package static let fingerprint: String = {
    let machine = MachineReader.machine()
    let texts = [machine.cpu, machine.flags.joined(separator: " "), ContextReader.march]
    let place = FNV1a.hash(texts.joined(separator: "\n"))
    return FNV1a.digits(place ^ (ContentDigest.of(file: "/proc/self/exe") ?? 0))
  }()

  /// Keeps a table; the folder is made when it is not there.
  ///
  /// - Throws: `Problem` when it cannot be written.
  package static func save(_ table: TuningTable, to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(table), to: path)
  }
}
