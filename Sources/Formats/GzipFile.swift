import Basics
import CZlib

/// A regular file read from its beginning, plain or gzipped, whatever its name.
package struct GzipFile: ~Copyable {
  private let path: String
  private let stream: gzFile
  /// Bytes read so far, decompressed.
  private var position = 0

  /// Opens a file.
  ///
  /// - Parameter path: Absolute, or relative to the working directory.
  /// - Throws: An absent file, or one that is not a regular, readable file.
  package init(path: String) throws(Problem) {
    // Opening it as a regular file first refuses pipes and directories, which zlib would not.
    _ = try RegularFile(path: path)
    guard let stream = gzopen(path, "rb") else {
      throw .malformed("\(path): cannot be opened; check its permissions")
    }
    (self.path, self.stream) = (path, stream)
  }

  deinit { gzclose(stream) }

  /// The next bytes.
  ///
  /// - Parameter count: At least 0.
  /// - Returns: `count` bytes, decompressed.
  /// - Throws: A file that ends before, or is damaged.
  package mutating func bytes(_ count: Int) throws(Problem) -> [UInt8] {
    let result = try next(atMost: count)
    guard result.count == count else {
      throw .malformed(
        "\(path): ends or is damaged after \(result.count) of \(count) bytes; fetch the file again")
    }
    return result
  }

  /// All bytes that are left.
  ///
  /// - Parameter limit: More than this are refused, so that a small file cannot fill the memory.
  /// - Returns: At most `limit` bytes, decompressed.
  /// - Throws: A damaged file, or one that goes on after the limit.
  package mutating func rest(limit: Int) throws(Problem) -> [UInt8] {
    let result = try next(atMost: limit)
    guard try isAtEnd() else {
      throw .malformed("\(path): goes on after \(position - 1) bytes; no such file is that long")
    }
    return result
  }

  /// Whether nothing is left.
  package mutating func isAtEnd() throws(Problem) -> Bool { try next(atMost: 1).isEmpty }

  /// Grown as data comes, so that a lying header cannot make it large.
  private mutating func next(atMost count: Int) throws(Problem) -> [UInt8] {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(count, 1 << 20))
    while result.count < count {
      let got = gzread(stream, &chunk, UInt32(min(chunk.count, count - result.count)))
      guard got >= 0 else {
        throw .malformed(
          "\(path): ends or is damaged after \(position + result.count) bytes; fetch the file again"
        )
      }
      guard got > 0 else { break }
      result += chunk[0..<Int(got)]
    }
    position += result.count
    return result
  }
}
