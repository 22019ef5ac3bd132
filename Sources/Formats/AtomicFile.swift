import Basics
import Foundation

/// The one way in which output is written: whole or not at all, wherever that can be had.
///
/// A file is written under a temporary name, flushed and renamed; it keeps its permissions and its
/// owner. Where a rename would do harm, or the system refuses it, it is written in place:
/// descriptors, devices and pipes as they are, bind mounts and files with several names from the
/// complete temporary file, files in folders that take no other file directly.
///
/// Not copyable; dropped before `commit()`, it takes its temporary file with it.
package struct AtomicFile: ~Copyable {
  private let path: String
  private let target: OutputTarget
  private let temporary: TemporaryFile?
  private let descriptor: Int32
  private var isCommitted = false

  /// Opens what is written to.
  ///
  /// - Parameter path: Where the file shall be, `-` for standard output; links are followed.
  /// - Throws: `Problem` of kind `cannotWrite`.
  package init(path: String) throws {
    let target = try OutputTarget(following: path)
    let (temporary, descriptor) = try Self.open(target, of: path)
    (self.path, self.target) = (path, target)
    (self.temporary, self.descriptor) = (temporary, descriptor)
  }

  private static func open(
    _ target: OutputTarget, of path: String
  ) throws -> (temporary: TemporaryFile?, descriptor: Int32) {
    var descriptor: Int32 = -1
    switch target {
    case .descriptor(let given):
      if canWrite(given) { descriptor = fcntl(given, F_DUPFD_CLOEXEC, 3) }
    case .special(let place):
      descriptor = Foundation.open(place, O_WRONLY | O_CLOEXEC | O_NOCTTY)
    case .file(let place):
      let isThere = access(place, F_OK) == 0
      guard !isThere || access(place, W_OK) == 0 else { break }
      if let temporary = TemporaryFile(beside: place) { return (temporary, temporary.descriptor) }
      let code = errno
      if isThere { descriptor = Foundation.open(place, O_WRONLY | O_CLOEXEC) }
      errno = isThere ? errno : code
    }
    guard descriptor >= 0 else { throw Problem.cannotWrite(path, errno) }
    return (nil, descriptor)
  }

  /// Refuses a place that cannot be written, before anything is computed for it.
  ///
  /// A pipe is not opened for that, since its reader would take the end of it for the end of the
  /// data.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`.
  package static func refuseUnwritable(_ path: String) throws {
    switch try OutputTarget(following: path) {
    case .descriptor(let given):
      guard canWrite(given) else { throw Problem.cannotWrite(path, errno) }
    case .special(let place):
      guard access(place, W_OK) == 0 else { throw Problem.cannotWrite(path, errno) }
    case .file(let place):
      _ = try AtomicFile(path: path)
      var system = statvfs()
      guard statvfs(OutputTarget.folder(of: place), &system) == 0, system.f_blocks > 0 else {
        return
      }
      let free = geteuid() == 0 ? system.f_bfree : system.f_bavail
      guard free > 0 else { throw Problem.cannotWrite(path, ENOSPC) }
    }
  }

  /// Whether a path is this process's standard output.
  package static func isStandardOutput(_ path: String) -> Bool {
    (try? OutputTarget(following: path)) == .descriptor(STDOUT_FILENO)
  }

  deinit {
    close(descriptor)
    if let temporary, !isCommitted { unlink(temporary.path) }
  }

  /// Appends bytes.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`, on a full disk above all.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    try Self.write(bytes, to: descriptor, path)
  }

  /// Flushes to the disk and gives the file its name.
  ///
  /// - Throws: `Problem` of kind `cannotWrite`; nothing is left behind then.
  package mutating func commit() throws {
    // EINVAL and EROFS: a pipe or a special file, which has nothing to flush.
    if fsync(descriptor) != 0, ![EINVAL, EROFS, ENOTSUP].contains(errno) {
      throw Problem.cannotWrite(path, errno)
    }
    guard case .file(let place) = target else { return }
    guard let temporary else {
      guard ftruncate(descriptor, lseek(descriptor, 0, SEEK_CUR)) == 0 else {
        throw Problem.cannotWrite(path, errno)
      }
      return
    }
    if !takesPermissions(of: place) || rename(temporary.path, place) != 0 {
      try copy(to: place)
      unlink(temporary.path)
    }
    isCommitted = true
  }

  /// Gives the temporary file owner and permissions of the file that it replaces.
  ///
  /// - Returns: False where it cannot stand for that file, which has other names or another owner.
  private func takesPermissions(of place: String) -> Bool {
    var old = stat()
    var new = stat()
    guard stat(place, &old) == 0 else { return true }
    guard old.st_nlink == 1, fstat(descriptor, &new) == 0 else { return false }
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid),
      fchown(descriptor, old.st_uid, old.st_gid) != 0
    {
      return false
    }
    return fchmod(descriptor, old.st_mode & 0o7777) == 0
  }

  /// Writes the complete temporary file over a file that cannot be replaced.
  private func copy(to place: String) throws {
    let output = Foundation.open(place, O_WRONLY | O_CLOEXEC)
    guard output >= 0 else { throw Problem.cannotWrite(path, errno) }
    defer { close(output) }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while true {
      let count = pread(descriptor, &chunk, chunk.count, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Problem.cannotWrite(path, errno) }
      if count == 0 { break }
      try chunk.withUnsafeBytes {
        try Self.write(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: output, path)
      }
      offset += count
    }
    guard ftruncate(output, off_t(offset)) == 0, fsync(output) == 0 else {
      throw Problem.cannotWrite(path, errno)
    }
  }

  /// Writes a whole file in one go.
  ///
  /// - Parameters:
  ///   - data: The content.
  ///   - path: Where it shall be.
  /// - Throws: `Problem` of kind `cannotWrite`; nothing is left behind then.
  package static func write(_ data: Data, to path: String) throws {
    var file = try AtomicFile(path: path)
    try data.withUnsafeBytes { try file.append($0) }
    try file.commit()
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String
  ) throws {
    var written = 0
    while written < bytes.count, let base = bytes.baseAddress {
      let n = Foundation.write(descriptor, base + written, bytes.count - written)
      if n < 0 && errno == EINTR { continue }
      if n < 0 && errno == EAGAIN {
        // A terminal or pipe that somebody has set not to wait.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
        continue
      }
      guard n > 0 else { throw Problem.cannotWrite(path, errno) }
      written += n
    }
  }

  /// Whether a descriptor is open for writing; sets `errno` where it is not.
  private static func canWrite(_ descriptor: Int32) -> Bool {
    let flags = fcntl(descriptor, F_GETFL)
    guard flags >= 0 else { return false }
    errno = EBADF
    return flags & O_ACCMODE != O_RDONLY
  }
}
