import Formats
import Foundation
import Harness
import Graphs

/// Where tuning tables live: the user's cache directory, one file a binary and machine.
package enum TuningCache {
  /// The file for this binary on this machine.
  ///
  /// - Parameter environment: Looked up for `XDG_CACHE_HOME` and `HOME`.
  /// - Returns: A path whose folder may not exist yet.
  package static func path(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> String {
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? (environment["HOME"] ?? "/tmp") + "/.cache"
    return base + "/costcurve/tuning-\(fingerprint).json"
  }

  /// Processor, its flags, instruction set of the build, and the bytes of the executable.
  package static let fingerprint: String = {
    let machine = MachineReader.machine()
    var digest = Digest()
    digest.add(Data(machine.cpu.utf8))
    digest.add(Data(machine.flags.joined(separator: " ").utf8))
    digest.add(Data(ContextReader.march.utf8))
    if let binary = try? Data(
      contentsOf: URL(fileURLWithPath: "/proc/self/exe"), options: .alwaysMapped)
    {
      digest.add(binary)
    }
    return String(digest.value, radix: 16)
  }()

  /// Keeps a table; the folder is made when it is not there.
  ///
  /// - Throws: `FileError` when it cannot be written.
  package static func save(_ table: TuningTable, to path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try AtomicFile.write(try encoder.encode(table), to: path)
  }

  /// FNV-1a over eight bytes at a time: quick enough for a whole binary.
  private struct Digest {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ data: Data) {
      data.withUnsafeBytes { bytes in
        let words = bytes.count / 8
        for index in 0..<words {
          value =
            (value ^ bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            &* 0x0000_0100_0000_01B3
        }
        for byte in bytes[(words * 8)...] {
          value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
      }
    }
  }
}
