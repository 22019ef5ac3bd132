import Basics
import Glibc

/// What lies behind a path that a user names for output, links followed.
package enum OutputTarget: Equatable, Sendable {
  /// A descriptor that this process was given, such as standard output or `/dev/fd/3`.
  case descriptor(Int32)
  /// A device or a pipe, which a rename would take away.
  case special(String)
  /// A file that is there already, or a place for one.
  case file(String)

  /// Follows a path.
  ///
  /// - Parameter path: `-` is standard output; links are followed, also to a file that is not there
  ///   yet.
  /// - Throws: `Problem` of kind `cannotWrite` for a folder, a socket, or links that lead in a
  ///   circle.
  package init(following path: String) throws(Problem) {
    guard path != "-" else {
      self = .descriptor(STDOUT_FILENO)
      return
    }
    guard !path.isEmpty else { throw Problem.cannotWrite(path, ENOENT) }
    guard !path.hasSuffix("/") else { throw Problem.cannotWrite(path, EISDIR) }
    var current = path
    for _ in 0..<40 {
      if let descriptor = Self.descriptor(named: current) {
        self = .descriptor(descriptor)
        return
      }
      guard let target = Self.link(current) else {
        self = try Self.end(current, of: path)
        return
      }
      current = target.hasPrefix("/") ? target : Self.folder(of: current) + "/" + target
    }
    throw Problem.cannotWrite(path, ELOOP)
  }

  /// The folder of a path; `.` for a bare name.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
  }

  private static func end(_ current: String, of path: String) throws(Problem) -> OutputTarget {
    var status = stat()
    guard stat(current, &status) == 0 else { return .file(current) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file(current)
    case S_IFDIR: throw Problem.cannotWrite(path, EISDIR)
    case S_IFSOCK: throw Problem.cannotWrite(path, ENXIO)
    default: return .special(current)
    }
  }

  /// The descriptor that a name in the process's own folder of descriptors stands for.
  ///
  /// Opened anew it would have an offset of its own, and what others write there would be
  /// overwritten; replaced by a rename, whoever reads it would see nothing.
  private static func descriptor(named path: String) -> Int32? {
    guard let number = Int32(name(of: path)), number >= 0 else { return nil }
    let folder = folder(of: path)
    let real = realpath(folder, nil).map { pointer in
      defer { free(pointer) }
      return String(cString: pointer)
    }
    let own = ["/proc/self/fd", "/dev/fd", "/proc/\(getpid())/fd"]
    return own.contains(folder) || real == own[2] ? number : nil
  }

  private static func link(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension Problem {
  /// What an error number means for somebody who wants to write there.
  static func cannotWrite(_ path: String, _ code: Int32) -> Problem {
    let advice =
      switch code {
      case ENOENT: "make the folder first"
      case ENOSPC, EDQUOT: "free some space or name another disk"
      case EFBIG: "raise the limit on a file's size, see 'ulimit -f'"
      case EISDIR: "it is a folder; name a file"
      case EMFILE, ENFILE: "raise the limit on open files, see 'ulimit -n'"
      case ENXIO: "it is a socket or a device that is not there; name a file"
      case EPIPE: "its reader has gone"
      default: "name a place that you may write to"
      }
    return Problem(.cannotWrite, "cannot write '\(path)': \(systemMessage(code)); \(advice).")
  }
}
