import Foundation
import TestSupport
import Testing

/// A machine without OpenBLAS: the build and its set-up say what to install.
struct MissingLibraryTests {
  private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized

  /// The compiler that builds the package, told of no folder with headers.
  @Test(
    .enabled(if: CommandProcess.path(of: "clang") != nil, "needs the toolchain's clang on the PATH")
  )
  func theHeaderSaysWhatToInstall() throws {
    let clang = try #require(CommandProcess.path(of: "clang"))
    let shim = Self.project.appendingPathComponent("Sources/CBLAS/shim.h").path
    let outcome = try CommandProcess(
      ["-fsyntax-only", "-nostdinc", "-x", "c", shim], of: clang)
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("apt-get install libopenblas-dev"), "\(outcome.errors)")
  }

  /// `make setup` for a user who may not install.
  @Test func setUpPrintsTheLineToRun() throws {
    let tools = try TemporaryDirectory()
    for (name, script) in [
      ("dpkg-query", "exit 1"), ("swift", "exit 0"), ("id", "echo 1000"), ("sudo", "exit 1"),
      ("grep", "cat >/dev/null; exit 1"),
    ] {
      _ = try tools.executable(name, script + "\n")
    }
    let bash = try #require(CommandProcess.path(of: "bash"))
    try FileManager.default.createSymbolicLink(
      atPath: tools.path("cat"), withDestinationPath: try #require(CommandProcess.path(of: "cat")))
    let setup = Self.project.appendingPathComponent(".ci/setup").path
    let outcome = try CommandProcess(
      [setup], of: bash, environment: ["PATH": tools.root])
    #expect(outcome.status == 1)
    #expect(
      outcome.errors.contains("sudo apt-get install -y --no-install-recommends libopenblas-dev"),
      "\(outcome.errors)")
  }
}
