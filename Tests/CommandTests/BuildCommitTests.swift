import Foundation
import Harness
import TestSupport
import Testing

/// The commit in a record is that of the build, whatever folder the binary runs in.
struct BuildCommitTests {
  private let folder: TemporaryDirectory
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../.ci/commit").standardized.path

  init() throws { folder = try TemporaryDirectory() }

  @discardableResult
  private func shell(_ line: String) throws -> String {
    let outcome = try CommandProcess(["-c", line], of: "/bin/sh", directory: folder.root)
    #expect(outcome.status == 0, "\(line): \(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func makeRepository() throws -> String {
    try shell(
      """
      git init -q . && mkdir Sources docs && touch Package.swift Sources/a.swift docs/b \
      && git add . && git -c user.name=n -c user.email=e commit -q -m m
      """)
    return try shell("git rev-parse HEAD")
  }

  @Test(.enabled(if: CommandProcess.path(of: "git") != nil, "needs git"))
  func theBuildIsToldWhatItIsBuiltFrom() throws {
    #expect(try shell(Self.script) == "", "a folder without git")
    let commit = try makeRepository()
    #expect(try shell(Self.script) == commit)
    try shell("echo more > docs/b")
    #expect(try shell(Self.script) == commit, "documents are not built")
    try shell("touch Sources/new.swift")
    #expect(try shell(Self.script) == commit + "+")
    // Another project's repository around an unpacked archive says nothing of the archive.
    #expect(try shell("mkdir inner && cd inner && \(Self.script)") == "")
  }

  @Test(.enabled(if: CommandProcess.path(of: "git") != nil, "needs git"))
  func theFolderThatItRunsInSaysNothing() throws {
    let commit = try makeRepository()
    let outcome = try CommandProcess(
      [
        "kernels", "--filter", "^gemm/256.*/t1/native$", "--threads", "1", "--quick", "--duration",
        "10ms", "--no-save", "--quiet", "--format", "json",
      ], directory: folder.root)
    let record = try ResultRecord.read(Data(outcome.output.utf8))
    #expect(record.context.git?.commit != commit)
  }
}
