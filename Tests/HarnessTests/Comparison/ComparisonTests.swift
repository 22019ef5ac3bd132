import Foundation
import Harness
import Testing

@Suite struct ComparisonTests {
  private func arm(_ name: String, ns: Int, correctness: String = "passed") -> Arm {
    let samples = "[\(ns + 3).0,\(ns).0,\(ns + 9).0]"
    return Arm(
      name: name, launch: FakeWorker.steady(samples: samples, correctness: correctness),
      engine: name)
  }

  private func plan(_ a: Arm, _ b: Arm, peers: [Arm] = []) -> ComparisonPlan {
    var plan = ComparisonPlan(
      a: a, b: b, peers: peers, cases: [CaseRequest(id: "gemm/4x4x4/t1/any", repeat: "again")])
    plan.processes = 3
    plan.pairs = 4
    return plan
  }

  private func record(_ outcome: Comparison.Outcome) -> ComparisonRecord {
    var record = ComparisonRecord(
      context: RecordFixture.record.context, arms: ["a", "b"], seed: 1, cases: outcome.cases)
    record.settle()
    return record
  }

  @Test func aSlowerArmIsFoundConfirmedAndFailsTheGate() throws {
    let plan = plan(arm("old", ns: 1000), arm("new", ns: 1100), peers: [arm("peer", ns: 900)])
    let outcome = Comparison(plan).run()
    let record = record(outcome)
    let result = try #require(record.cases.first)
    #expect(result.id == "gemm/4x4x4/t1")
    #expect(result.verdict == .slower)
    // The least of each turn's three batches is what counts.
    #expect(abs((result.ratio ?? 0) - 1.1) < 1e-12)
    #expect(result.confirmed == true)
    #expect(result.regression)
    #expect(result.control?.verdict == .same)
    #expect(result.processCount == 3 && result.pairCount == 12)
    #expect(abs((result.aNs ?? 0) - 1000) < 1e-9 && abs((result.bNs ?? 0) - 1100) < 1e-9)
    #expect(result.peers.map(\.verdict) == [.faster])
    #expect(result.repeat == "again")
    #expect(record.exitCode() == 2)
    #expect(record.summary.verdicts == ["SLOWER": 1])
    let decoded = try ResultRecord.decoder().decode(
      ComparisonRecord.self, from: try ResultRecord.encoder().encode(record))
    #expect(decoded == record)
  }

  @Test func fasterFailsOnlyWhenAsked() {
    let record = record(Comparison(plan(arm("old", ns: 1100), arm("new", ns: 1000))).run())
    #expect(record.cases.first?.verdict == .faster)
    #expect(record.exitCode() == 0)
    #expect(record.exitCode(failOn: [.improvement]) == 4)
    #expect(record.exitCode(failOn: [.unstable, .inconclusive]) == 0)
  }

  @Test func aWrongAnswerIsNotCompared() throws {
    let wrong = arm("new", ns: 500, correctness: "failed")
    let record = record(Comparison(plan(arm("old", ns: 1000), wrong)).run())
    let result = try #require(record.cases.first)
    #expect(result.ratio == nil)
    #expect(record.exitCode() == 7)
  }

  @Test func anArmThatCannotStartIsAFailure() {
    let gone = Arm(name: "gone", launch: WorkerLaunch(executable: "/nonexistent"))
    let outcome = Comparison(plan(arm("old", ns: 1000), gone)).run()
    #expect(outcome.cases.isEmpty)
    #expect(outcome.failures.first?.error.exitCode == 5)
  }

  @Test func anInterruptedComparisonKeepsItsCases() {
    let cancel = CancelFlag()
    var plan = plan(arm("old", ns: 1000), arm("new", ns: 1000))
    plan.cases.append(CaseRequest(id: "gemm/8x8x8/t1/any"))
    let outcome = Comparison(plan, cancel: cancel) { step in
      if step.done == 1 { cancel.cancel() }
    }.run()
    #expect(outcome.interrupted)
    #expect(outcome.cases.map(\.verdict) == [.same])
  }

  @Test func holmDecidesOverAllCases() throws {
    var record = record(Comparison(plan(arm("a", ns: 1000), arm("b", ns: 1100))).run())
    var weak = try #require(record.cases.first)
    weak.pSlower = 0.004
    // Twenty such cases: 0.004 · 20 = 0.08 is no longer significant.
    record.cases = (0..<20).map { _ in weak }
    record.settle()
    #expect(!record.cases.contains { $0.regression })
    #expect(record.exitCode() == 0)
    weak.pSlower = 0.0001
    record.cases[0] = weak
    record.settle()
    #expect(record.cases.filter(\.regression).count == 1)
    #expect(record.exitCode() == 2)
  }

  @Test func unstableAndInconclusiveFailOnlyWhenAsked() throws {
    var record = record(Comparison(plan(arm("a", ns: 1000), arm("b", ns: 1000))).run())
    record.cases[0].verdict = .unstable
    #expect(record.exitCode() == 0)
    #expect(record.exitCode(failOn: [.unstable]) == 8)
    record.cases[0].verdict = .inconclusive
    #expect(record.exitCode(failOn: [.inconclusive]) == 8)
    record.cases = []
    #expect(record.exitCode() == 3)
  }
}
