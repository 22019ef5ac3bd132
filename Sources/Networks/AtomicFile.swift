import Foundation

/// A file that exists whole or not at all: written under a temporary name, flushed, renamed.
///
/// Not copyable; dropped before `commit()`, it takes its temporary file with it.
package struct AtomicFile: ~Copyable {
  private let path: String
  private let temporary: String
  private let descriptor: Int32
  private var isCommitted = false

  /// Opens the temporary file beside `path`.
  ///
  /// - Parameter path: Where the file shall be; an existing one is replaced in one step.
  /// - Throws: `FileError` of kind `cannotWrite`.
  package init(path: String) throws {
    let temporary = path + ".part-\(getpid())"
    let descriptor = try AtomicFile.create(temporary, for: path)
    (self.path, self.temporary, self.descriptor) = (path, temporary, descriptor)
  }

  private static func create(_ temporary: String, for path: String) throws -> Int32 {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw refusal(path, EISDIR)
    }
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw refusal(path, errno) }
    return descriptor
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporary) }
  }

  /// Appends bytes.
  ///
  /// - Throws: `FileError` of kind `cannotWrite`, on a full disk above all.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    var written = 0
    while written < bytes.count, let base = bytes.baseAddress {
      let n = Foundation.write(descriptor, base + written, bytes.count - written)
      if n < 0 && errno == EINTR { continue }
      guard n > 0 else { throw AtomicFile.refusal(path, errno) }
      written += n
    }
  }

  /// Flushes to the disk and gives the file its name.
  ///
  /// - Throws: `FileError` of kind `cannotWrite`; nothing is left behind then.
  package mutating func commit() throws {
    // EINVAL and EROFS: a pipe or a special file, which has nothing to flush.
    if fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS {
      throw AtomicFile.refusal(path, errno)
    }
    guard rename(temporary, path) == 0 else { throw AtomicFile.refusal(path, errno) }
    isCommitted = true
  }

  /// Writes a whole file in one go.
  ///
  /// - Parameters:
  ///   - data: The content.
  ///   - path: Where it shall be.
  /// - Throws: `FileError` of kind `cannotWrite`; nothing is left behind then.
  package static func write(_ data: Data, to path: String) throws {
    var file = try AtomicFile(path: path)
    try data.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  private static func refusal(_ path: String, _ code: Int32) -> FileError {
    let advice =
      switch code {
      case ENOENT: "make the folder first"
      case ENOSPC, EDQUOT: "free some space or name another disk"
      case EISDIR: "name a file, not a folder"
      default: "name a place that you may write to"
      }
    let reason = String(cString: strerror(code))
    return FileError(.cannotWrite, "cannot write '\(path)': \(reason); \(advice).")
  }
}
