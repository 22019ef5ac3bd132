import Basics
import Glibc

/// A regular file, open for reading at any offset.
///
/// Pipes, directories and devices are refused when opening, without blocking on them. Nothing is
/// mapped, so a file that shrinks while it is read is an error and not a signal.
package final class RegularFile: Sendable {
  /// The path as it was given.
  package let path: String
  /// Size in bytes when it was opened.
  package let sizeBytes: Int
  private let descriptor: Int32

  /// Opens a file.
  ///
  /// - Parameter path: Absolute, or relative to the working directory.
  /// - Throws: An absent file, or one that is not a regular, readable file.
  package init(path: String) throws(Problem) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      guard code != ENOENT && code != ENOTDIR else {
        throw Problem(.absent, "\(path): no such file; check the path")
      }
      throw .malformed("\(path): cannot be opened (\(systemMessage(code))); check its permissions")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .malformed(
        "\(path): is \(fileKind(status.st_mode)), not a regular file; "
          + "copy the data to a file and give its path")
    }
    self.path = path
    self.sizeBytes = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Fills `bytes` with what the file holds from `offset` on.
  ///
  /// - Parameters:
  ///   - offset: In bytes from the start.
  ///   - bytes: Filled to the end.
  /// - Throws: A file that ends before, or cannot be read.
  package func read(
    at offset: Int, into bytes: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw .malformed("\(path): cannot be read (\(systemMessage(errno)))")
      }
      guard count > 0 else {
        throw .malformed(
          "\(path): ends after \(offset + done) bytes, before the data that it announces; "
            + "the file is truncated, fetch or write it again")
      }
      done += count
    }
  }

  /// Bytes of the file as an array.
  ///
  /// - Parameters:
  ///   - offset: In bytes from the start.
  ///   - count: At least 0, and checked against the file's size before anything is allocated.
  /// - Returns: `count` bytes.
  /// - Throws: A file that ends before, or cannot be read.
  package func bytes(at offset: Int, count: Int) throws(Problem) -> [UInt8] {
    guard count <= sizeBytes - offset else {
      throw .malformed(
        "\(path): has \(sizeBytes) bytes where at least \(offset) + \(count) are announced; "
          + "the file is truncated, fetch or write it again")
    }
    var result = [UInt8](repeating: 0, count: count)
    try result.withUnsafeMutableBufferPointer { buffer throws(Problem) in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return result
  }
}

/// The system's words for an `errno` value.
package func systemMessage(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

/// What a file is, for a sentence.
private func fileKind(_ mode: mode_t) -> String {
  switch mode & S_IFMT {
  case S_IFDIR: "a directory"
  case S_IFIFO: "a pipe"
  case S_IFSOCK: "a socket"
  case S_IFCHR, S_IFBLK: "a device"
  default: "something else"
  }
}
