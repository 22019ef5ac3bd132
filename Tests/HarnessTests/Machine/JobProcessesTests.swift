import Foundation
import Harness
import TestSupport
import Testing

/// CPU time of other ranks, by what the kernel tells of a process.
@Suite struct JobProcessesTests {
  @Test func addsUpAProcessAndItsChildrenWhateverItIsCalled() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory.path("7"), withIntermediateDirectories: true)
    let numbers = "S 1 7 7 0 -1 4194304 100 0 0 0 150 50 300 25 20 0 1 0"
    try Data("7 (a ) b) \(numbers)\n".utf8).write(
      to: URL(fileURLWithPath: directory.path("7/stat")))
    #expect(JobProcesses.seconds(of: 7, proc: directory.path("")) == 5.25)
    #expect(JobProcesses.seconds(of: 8, proc: directory.path("")) == 0)
  }

  @Test func hasTimeOfThisProcess() {
    let id = Int(ProcessInfo.processInfo.processIdentifier)
    #expect(JobProcesses.seconds(of: id) > 0)
  }
}
