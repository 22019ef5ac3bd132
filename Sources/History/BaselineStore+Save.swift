import Basics
import Foundation
import Harness

extension BaselineStore {
  /// Saves an executable under a name, replacing what had it.
  ///
  /// At every moment, also for who looks while a save is killed, the name stands for the old
  /// baseline or the new one, whole. Saves take turns, and each clears away what killed ones left.
  ///
  /// - Throws: `Problem` where there is no room or no permission.
  package func save(_ build: Build, executable: String) throws {
    guard Self.isName(build.name) else {
      throw Problem(
        .malformed,
        "'\(build.name)' is not a name for a baseline: letters, digits, dots, hyphens and "
          + "underscores only, and no dot in front")
    }
    do {
      let files = FileManager.default
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let place = "\(folder)/\(build.name)"
      let turn = FolderLock(above: place)
      defer { turn.release() }
      for name in try files.contentsOfDirectory(atPath: folder)
      where name.hasPrefix(Self.draftPrefix) {
        try files.removeItem(atPath: "\(folder)/\(name)")
      }
      // Read through the path, so that /proc/self/exe gives the file and not the link.
      let binary = try Data(contentsOf: URL(fileURLWithPath: executable))
      let draft = "\(folder)/\(Self.draftPrefix)\(build.name)"
      defer { try? files.removeItem(atPath: draft) }
      try files.createDirectory(atPath: draft, withIntermediateDirectories: false)
      try Self.write(binary, to: "\(draft)/\(Self.executableName)", mode: 0o755)
      try Self.write(
        ResultRecord.encoder().encode(build), to: "\(draft)/\(Self.recordName)", mode: 0o644)
      if !files.fileExists(atPath: place) {
        try Self.rename(draft, to: place)
      } else if !exchange(draft, place) {
        try replaceContent(of: place, by: build, from: draft)
      }
      Self.flush(folder)
    } catch {
      throw Problem(
        .cannotWrite,
        "the baseline '\(build.name)' cannot be written in '\(folder)' "
          + "(\(error.localizedDescription)); make room or name another place with --database")
    }
  }

  /// Puts a baseline into the folder of the one before where folders cannot be exchanged.
  ///
  /// The new record names its executable; giving the record its name is the one step from the old
  /// baseline to the new.
  private func replaceContent(of place: String, by build: Build, from draft: String) throws {
    var build = build
    build.executable = "\(Self.executableName)-\(UUID().uuidString)"
    let record = "\(draft)/\(Self.recordName)"
    try Self.rename("\(draft)/\(Self.executableName)", to: "\(place)/\(build.fileName)")
    Self.flush(place)
    try Self.write(ResultRecord.encoder().encode(build), to: record, mode: 0o644)
    try Self.rename(record, to: "\(place)/\(Self.recordName)")
    Self.flush(place)
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: place)
    where name != Self.recordName && name != build.fileName {
      try? files.removeItem(atPath: "\(place)/\(name)")
    }
  }

  /// Writes a file of the draft and waits until the disk has it.
  private static func write(_ data: Data, to path: String, mode: Int) throws {
    try data.write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    flush(path)
  }

  private static func rename(_ path: String, to other: String) throws {
    guard Foundation.rename(path, other) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
  }

  /// Asks the disk to keep a file or the names in a folder; without it a crash may undo what
  /// follows, but not mix it, so that a file system that cannot is no reason to stop.
  private static func flush(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
