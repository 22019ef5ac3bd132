import Foundation

/// A directory of its own for one test, removed with everything in it afterwards.
package final class TemporaryDirectory: Sendable {
  /// Its absolute path.
  package let root: String

  /// Makes an empty directory.
  package init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("costcurve-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    root = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  /// The path of `name` inside.
  package func path(_ name: String) -> String { root + "/" + name }

  /// Writes a file and returns its path.
  package func file(_ name: String, _ content: Data) throws -> String {
    try content.write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// Writes a program for `sh` and returns its path.
  ///
  /// Another process writes it: a child that some other test forks meanwhile would hold a descriptor
  /// of this one until its `exec`, and a file that somebody may write cannot be run.
  package func executable(_ name: String, _ script: String) throws -> String {
    let source = try file(name + ".sh", Data(("#!/bin/sh\n" + script).utf8))
    let install = Process()
    install.executableURL = URL(fileURLWithPath: "/usr/bin/install")
    install.arguments = ["-m", "755", source, path(name)]
    try install.run()
    install.waitUntilExit()
    try FileManager.default.removeItem(atPath: source)
    return path(name)
  }

  /// The names of all that lies inside, hidden files included, sorted.
  package func names() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()
  }
}
