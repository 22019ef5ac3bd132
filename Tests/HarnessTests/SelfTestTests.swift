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

  /// scipy.stats.ttest_ind([1, 2, 3, 4, 5], [3, 5, 6, 7, 9, 8], equal_var=False).pvalue.
  @Test func welch() {
    #expect(abs(Welch.pValue([1, 2, 3, 4, 5], [3, 5, 6, 7, 9, 8]) - 0.016449098984119122) < 1e-10)
    #expect(Welch.pValue([1], [2, 3]) == 1)
  }
}
