import Foundation
import Harness
import TestSupport
import Testing

/// What a record says of the binary and of the processor.
struct ProvenanceTests {
  @Test func onlyACommitIsACommit() {
    let commit = "0123456789abcdef0123456789abcdef01234567"
    #expect(BuildState.read(commit) == .init(commit: commit, dirty: false))
    #expect(BuildState.read(commit + "+") == .init(commit: commit, dirty: true))
    for text in ["", "+", "unknown", "012345", commit + " x", commit + "++"] {
      #expect(BuildState.read(text) == nil, "'\(text)'")
    }
  }

  /// What `make` told this build, and nothing where nobody did.
  @Test func theBuildKnowsWhatItWasTold() {
    let told = ProcessInfo.processInfo.environment["COSTCURVE_COMMIT"]
    #expect(BuildState.git == told.flatMap(BuildState.read))
  }

  @Test func familyModelAndSteppingAreRead() throws {
    let folder = try TemporaryDirectory()
    _ = try folder.file(
      "cpuinfo",
      Data(
        """
        processor\t: 0
        cpu family\t: 25
        model\t\t: 17
        model name\t: AMD EPYC
        stepping\t: 1

        """.utf8))
    let machine = MachineReader.machine(proc: folder.root, sys: folder.root)
    #expect([machine.family, machine.model, machine.stepping] == [25, 17, 1])
    #expect(machine.cpu == "AMD EPYC")
    var zen5 = machine
    (zen5.family, zen5.model, zen5.stepping) = (26, 2, 1)
    #expect(!machine.hasProcessor(of: zen5))
    (zen5.family, zen5.model, zen5.stepping) = (nil, nil, nil)
    #expect(machine.hasProcessor(of: zen5), "an older record does not say")
  }
}
