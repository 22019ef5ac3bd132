import Basics
import Formats
import Foundation
import Programs

/// A text as bytes: nine tenths to learn from, and blocks in between that are told without having been
/// seen.
package struct ByteText: Sendable {
  /// Bytes of a block; the last of every `testEvery` is for the test.
  package static let blockBytes = 4096
  /// Blocks of which one is for the test.
  package static let testEvery = 10
  /// What names of files end with that are read of a folder.
  package static let endings = [".swift", ".md"]
  /// The longest text that is read.
  private static let mostBytes = 1 << 30

  /// What is learned from.
  package let train: [UInt8]
  /// What is told.
  package let test: [UInt8]
  /// Of all bytes in their order: another text has another one.
  package let digest: UInt64
  /// Files that it consists of.
  package let files: Int

  /// Cuts a text into blocks.
  package init(_ bytes: [UInt8], files: Int = 1) {
    var (train, test): ([UInt8], [UInt8]) = ([], [])
    train.reserveCapacity(bytes.count)
    test.reserveCapacity(bytes.count / Self.testEvery + Self.blockBytes)
    for (index, start) in stride(from: 0, to: bytes.count, by: Self.blockBytes).enumerated() {
      let block = bytes[start..<min(start + Self.blockBytes, bytes.count)]
      if index % Self.testEvery == Self.testEvery - 1 { test += block } else { train += block }
    }
    (self.train, self.test, self.files) = (train, test, files)
    digest = bytes.withUnsafeBytes { ContentDigest.of($0) }
  }

  /// Reads a file, or of a folder all regular files below it whose names have one of `endings`, in the
  /// order of their names; hidden ones are left out.
  ///
  /// - Parameters:
  ///   - path: Of the file or folder.
  ///   - available: Bytes of memory that can be had; nil when unknown, and then nothing is refused.
  /// - Throws: What is absent, cannot be read, has no such file or is too long.
  package init(path: String, available: Int? = AvailableMemory.bytes()) throws(Problem) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Problem(
        .absent, "\(path): no such file or folder; --text takes a text, or a folder with some")
    }
    let paths = isFolder.boolValue ? try Self.files(in: path) : [path]
    let total = paths.reduce(0) { $0 + (Self.size(of: $1) ?? 0) }
    // Once as a whole, and once in its two parts.
    try MemoryEstimate(bytes: 2 * total).refuseIfTooLarge(
      for: "\(path): a text of \(total) bytes", remedy: "give a part of it", available: available)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(total)
    for path in paths {
      let file = try RegularFile(path: path)
      guard file.sizeBytes <= Self.mostBytes - bytes.count else {
        throw Problem(
          .malformed,
          "\(path): with it the text has more than \(Self.mostBytes) bytes; give a part of it")
      }
      bytes += try file.bytes(at: 0, count: file.sizeBytes)
    }
    self.init(bytes, files: paths.count)
  }

  private static func files(in folder: String) throws(Problem) -> [String] {
    guard let names = try? FileManager.default.subpathsOfDirectory(atPath: folder) else {
      throw Problem(.malformed, "\(folder): cannot be read; check its permissions")
    }
    let texts = names.filter { name in
      endings.contains { name.hasSuffix($0) }
        && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    }
    let paths = texts.sorted().map { "\(folder)/\($0)" }.filter { size(of: $0) != nil }
    guard !paths.isEmpty else {
      throw Problem(
        .absent,
        "\(folder): has no file whose name ends with \(endings.joined(separator: " or ")); "
          + "give a folder that has, or one file")
    }
    return paths
  }

  /// Bytes of a regular file; nil where a path leads to a folder, a pipe or nowhere.
  private static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Bytes of both parts.
  package var count: Int { train.count + test.count }

  /// The digest in hexadecimal.
  package var name: String { String(digest, radix: 16) }

  /// Refuses a text that is too short.
  ///
  /// - Parameters:
  ///   - batch: Sequences of a step.
  ///   - tokens: Bytes of a sequence.
  /// - Throws: `malformed`, where it has no such step, or no block for the test.
  package func refuse(batch: Int, tokens: Int) throws(Problem) {
    let (learned, told) = ((batch + 1) * tokens + 1, tokens + 1)
    guard train.count < learned || test.count < told else { return }
    throw Problem(
      .malformed,
      "the text has \(count) bytes; a step of \(batch) sequences of \(tokens) takes \(learned) "
        + "to learn from, and a test one block of \(Self.blockBytes) in \(Self.testEvery): give a "
        + "text of at least \(Self.least(learned: learned, told: told)) bytes")
  }

  /// Bytes of the shortest text that has so many to learn from and so many for the test, each above 0.
  private static func least(learned: Int, told: Int) -> Int {
    let between = (testEvery - 1) * blockBytes
    // Before the last byte of each there are whole blocks of the other.
    return max(
      learned + (learned - 1) / between * blockBytes,
      told + ((told - 1) / blockBytes + 1) * between)
  }
}
