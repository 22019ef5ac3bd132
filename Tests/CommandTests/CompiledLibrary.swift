import Foundation
import TestSupport
import Testing

/// Shared libraries made of C while a test runs, to be loaded in front of those of a command.
enum CompiledLibrary {
  /// Whether the toolchain's clang is on the PATH.
  static let canBeMade = CommandProcess.path(of: "clang") != nil

  /// Compiles a library.
  ///
  /// - Parameters:
  ///   - name: Of its file.
  ///   - text: Its source.
  ///   - folder: Where it goes.
  ///   - needing: Libraries that it is linked to.
  /// - Returns: Its path.
  /// - Throws: Where it does not compile.
  static func make(
    _ name: String, _ text: String, in folder: TemporaryDirectory, needing: String...
  ) throws -> String {
    let source = try folder.file(name + ".c", Data(text.utf8))
    let library = folder.path(name)
    let compiler = try #require(CommandProcess.path(of: "clang"))
    let compiled = try CommandProcess(
      ["-shared", "-fPIC", "-Wl,--no-as-needed", "-o", library, source] + needing, of: compiler)
    try #require(compiled.status == 0, "\(compiled.errors)")
    return library
  }
}
