import Foundation

/// The state of the source tree around a folder.
package enum GitState {
  /// Commit and cleanliness by the `git` program; nil outside a repository or without git.
  package static func read(folder: String = ".") -> Context.Git? {
    guard let commit = git(["rev-parse", "HEAD"], folder: folder) else { return nil }
    let changes = git(["status", "--porcelain", "--untracked-files=no"], folder: folder)
    return Context.Git(commit: commit, dirty: !(changes ?? "").isEmpty)
  }

  /// The trimmed output of one git command, or nil where it fails.
  package static func git(_ arguments: [String], folder: String) -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = (try? output.fileHandleForReading.readToEnd()) ?? nil
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data ?? Data(), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
