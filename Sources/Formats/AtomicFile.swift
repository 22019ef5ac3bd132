import Foundation

/// A file that exists whole or not at all: written under a temporary name, flushed, renamed.
///
/// Not copyable; dropped before `commit()`, it takes its temporary file with it.
package struct AtomicFile: ~Copyable {
  private let path: String
  /// Nil where the path is a device or a pipe, which is written to as it is.
  private let temporary: String?
  private let descriptor: Int32
  private var isCommitted = false

  /// Opens the temporary file beside `path`.
  ///
  /// - Parameter path: Where the file shall be; an existing one is replaced in one step.
  /// - Throws: `FileError` of kind `cannotWrite`.
  package init(path: String) throws {
    let temporary = AtomicFile.isSpecial(path) ? nil : path + ".part-\(getpid())"
    let descriptor = try AtomicFile.create(temporary, for: path)
    (self.path, self.temporary, self.descriptor) = (path, temporary, descriptor)
  }

  /// Whether something is there that a rename would take away, such as `/dev/null`.
  private static func isSpecial(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
  }

  private static func create(_ temporary: String?, for path: String) throws -> Int32 {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw refusal(path, EISDIR)
    }
    let flags = temporary == nil ? 0 : O_CREAT | O_EXCL
    let descriptor = open(temporary ?? path, O_WRONLY | O_CLOEXEC | flags, 0o644)
    guard descriptor >= 0 else { throw refusal(path, errno) }
    return descriptor
  }

  deinit {
    close(descriptor)
    if let temporary, !isCommitted { unlink(temporary) }
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
    if let temporary, rename(temporary, path) != 0 { throw AtomicFile.refusal(path, errno) }
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
      case EFBIG: "raise the limit on a file's size, see 'ulimit -f'"
      case EISDIR: "name a file, not a folder"
      default: "name a place that you may write to"
      }
    let reason = String(cString: strerror(code))
    return FileError(.cannotWrite, "cannot write '\(path)': \(reason); \(advice).")
  }
}
