import Basics
import Foundation
import Harness
import Testing

@Suite struct SelfTestTests {
  @Test func everyCheckHolds() {
    let findings = SelfTest.run()
    #expect(findings.count >= 15)
    for finding in findings { #expect(finding.passed, "\(finding.name): \(finding.detail)") }
  }

  @Test func theDoctorJudgesSteadyWorkers() throws {
    let probe = CaseRequest(id: "gemm/4/fake")
    var doctor = Doctor(registers: probe, cache: probe, kernel: probe)
    doctor.launch = FakeWorker.steady()
    (doctor.processes, doctor.seconds) = (2, 0.2)
    let findings = try doctor.examine()
    #expect(findings.falseVerdictPercent == 0)
    #expect(findings.samePercent == 100)
    #expect(findings.canaries.map(\.samples) == [3, 3])
    #expect(findings.pairs >= 16)
  }

  /// What disturbs four of ten pairs is left out here as where a verdict is made.
  @Test func theSmallestSlowdownIsThatOfTheUndisturbedPairs() throws {
    var random = SplitMix64(seed: 5)
    let quiet = (0..<6).map { _ in
      let b = (0..<100).map { _ in 100 * Double.random(in: 0.99...1.01, using: &random) }
      let clean = (0..<100).map { $0 % 10 < 6 }
      return PairedBlocks(a: b.map { _ in 100 }, b: b, clean: clean)
    }
    let disturbed = quiet.enumerated().map { number, process in
      let longer = number.isMultiple(of: 2) ? 1.5 : 0.7
      let b = zip(process.b, process.clean).map { $1 ? $0 : $0 * longer }
      return PairedBlocks(a: process.a, b: b, clean: process.clean)
    }
    let expected = try #require(Doctor.smallestVisible(quiet, margin: 0.02))
    #expect(expected > 2 && expected < 4)
    #expect(Doctor.smallestVisible(disturbed, margin: 0.02) == expected)
    let unmarked = disturbed.map { PairedBlocks(a: $0.a, b: $0.b) }
    let ofAll = try #require(Doctor.smallestVisible(unmarked, margin: 0.02))
    #expect(ofAll > expected)
  }

  /// scipy.stats.ttest_ind([1, 2, 3, 4, 5], [3, 5, 6, 7, 9, 8], equal_var=False).pvalue.
  @Test func welch() {
    #expect(abs(Welch.pValue([1, 2, 3, 4, 5], [3, 5, 6, 7, 9, 8]) - 0.016449098984119122) < 1e-10)
    #expect(Welch.pValue([1], [2, 3]) == 1)
  }
}
