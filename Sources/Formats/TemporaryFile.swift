import Glibc

/// A file beside the one that it will become, locked by its writer for as long as that lives.
///
/// The lock goes with the process, so what a killed one left behind can be told from the file of
/// one that is still writing, and is removed by the next writer of the same file.
struct TemporaryFile {
  let path: String
  let descriptor: Int32

  /// Makes one, for reading and writing, with the permissions that a new file gets; nil with `errno`
  /// set where the folder takes no new file.
  ///
  /// - Parameter target: The file that it will become.
  init?(beside target: String) {
    let (folder, stem) = (OutputTarget.folder(of: target), Self.stem(of: target))
    AtomicFile.removeLeftovers(beside: target)
    for _ in 0..<100 {
      let suffix = String(UInt32.random(in: 0 ... .max), radix: 36)
      let path = "\(folder)/\(stem)\(getpid())-\(suffix)"
      let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        if errno == EEXIST { continue }
        return nil
      }
      var status = stat()
      // Another writer may have taken it for a leftover before it was locked.
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK,
        fstat(descriptor, &status) == 0, status.st_nlink > 0
      {
        (self.path, self.descriptor) = (path, descriptor)
        return
      }
      close(descriptor)
    }
    errno = EEXIST
    return nil
  }

  fileprivate static func stem(of target: String) -> String {
    let name = OutputTarget.name(of: target)
    // A name may have 255 bytes.
    return (name.utf8.count > 220 ? "costcurve" : name) + ".part-"
  }

  /// Whether a name ends as ours do: a process, and where two would meet a number of base 36.
  fileprivate static func isSuffix(_ text: Substring) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count) && Int32(parts[0]) != nil
      && parts.dropFirst().allSatisfy { UInt32($0, radix: 36) != nil }
  }
}

extension AtomicFile {
  /// Removes what killed writers of a file have left half-written, and nothing else.
  package static func removeLeftovers(beside target: String) {
    let (folder, stem) = (OutputTarget.folder(of: target), TemporaryFile.stem(of: target))
    guard let entries = opendir(folder) else { return }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(stem), TemporaryFile.isSuffix(name.dropFirst(stem.count))
      else { continue }
      let path = "\(folder)/\(name)"
      let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
      close(descriptor)
    }
  }
}
