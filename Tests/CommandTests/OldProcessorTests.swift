import Foundation
import Testing

/// The check that runs before any Swift code, on an emulated CPU without the instructions.
struct OldProcessorTests {
  private static let emulator = "/usr/bin/qemu-x86_64"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: emulator), "needs qemu-user"))
  func anOldProcessorGetsASentence() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.emulator)
    process.arguments = ["-cpu", "Nehalem", try CommandProcess.binary().path, "--version"]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "it must not die by a signal")
    #expect(process.terminationStatus == 1)
    #expect(String(decoding: text, as: UTF8.self).contains("which this CPU does not have"))
  }
}
