import Foundation
import Testing

/// The check that runs before any Swift code, on an emulated CPU without the instructions.
struct OldProcessorTests {
  private static let emulator = "/usr/bin/qemu-x86_64"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: emulator), "needs qemu-user"))
  func anOldProcessorGetsASentence() throws {
    let outcome = try CommandProcess(
      ["-cpu", "Nehalem", try CommandProcess.binary().path, "--version"], of: Self.emulator)
    #expect(outcome.status == 1, "it must not die by a signal")
    #expect(outcome.errors.contains("which this CPU does not have"))
  }
}
