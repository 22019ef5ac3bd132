import Foundation
import Harness
import History

/// A git revision built in a folder of its own, so that the working tree stays as it is.
struct RevisionBuild {
  var commit: String

  /// Path of the release binary, built on first use and kept in the user's cache.
  ///
  /// - Throws: Exit 3 when the revision does not build.
  func executable() throws -> String {
    let folder = "\(DataDirectory.cache())/revisions/\(commit)"
    let binary = folder + "/.build/release/costcurve"
    if FileManager.default.isExecutableFile(atPath: binary) { return binary }
    Console.error("costcurve: building revision \(commit.prefix(12)) in \(folder)")
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(.cannotWrite, "cannot make '\(folder)'; set XDG_CACHE_HOME to another place.")
    }
    let script = """
      git archive --format=tar "$1" | tar -x -C "$2" \
      && swift build -c release --product costcurve --package-path "$2" >&2
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh", commit, folder]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.standardError
    do { try process.run() } catch {
      throw Failure(.caseFailed, "revision \(commit.prefix(12)) cannot be built: \(error)")
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0, FileManager.default.isExecutableFile(atPath: binary)
    else {
      throw Failure(
        .caseFailed,
        "revision \(commit.prefix(12)) does not build; see above, and try it in '\(folder)'.")
    }
    return binary
  }
}
