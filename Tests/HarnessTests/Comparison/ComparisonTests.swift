import Foundation
import Harness
import TestSupport
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
    plan.heedsSteal = false
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
    // The least of each turn's batches is what counts.
    #expect(abs((result.ratio ?? 0) - 1.1) < 1e-12)
    #expect(result.confirmed == true)
    #expect(result.regression)
    #expect(result.control?.verdict == .same)
    #expect(result.processCount == 3 && result.pairCount == 12)
    #expect(abs((result.aNs ?? 0) - 1000) < 1e-9 && abs((result.bNs ?? 0) - 1100) < 1e-9)
    #expect(result.peers.map(\.verdict) == [.faster])
    #expect(result.repeat == "again")
    #expect(record.problem() == .regression)
    #expect(record.summary.verdicts == ["SLOWER": 1])
    let decoded = try ResultRecord.decoder().decode(
      ComparisonRecord.self, from: try ResultRecord.encoder().encode(record))
    #expect(decoded == record)
  }

  /// What disturbs short turns may pass: a session goes on for as many blocks again.
  @Test(arguments: [("", 4), ("preempt", 8)])
  func aDisturbedSessionGoesOn(flags: String, expected: Int) throws {
    let arm = Arm(
      name: "arm",
      launch: FakeWorker.steady(
        samples: "[1000.0,1000.0]", flags: #"["\#(flags)","\#(flags)"]"#),
      engine: "arm")
    let result = try #require(Comparison(plan(arm, arm)).run().cases.first)
    #expect(result.processes.count >= 3)
    #expect(result.processes.allSatisfy { $0.a.count == expected })
  }

  @Test func fasterFailsOnlyWhenAsked() {
    let record = record(Comparison(plan(arm("old", ns: 1100), arm("new", ns: 1000))).run())
    #expect(record.cases.first?.verdict == .faster)
    #expect(record.cases.first?.confirmed == true)
    #expect(record.cases.first?.earlierSets?.map(\.verdict) == [.faster])
    #expect(record.problem() == nil)
    #expect(record.problem(failOn: [.improvement]) == .improvement)
    #expect(record.problem(failOn: [.unstable, .inconclusive]) == nil)
  }

  /// One process first, as with `--quick`: what it finds is confirmed and ends a build too.
  @Test func aQuickComparisonFailsTheGate() throws {
    var plan = plan(arm("old", ns: 1000), arm("new", ns: 1100))
    (plan.processes, plan.pairs) = (1, 8)
    (plan.laterProcesses, plan.laterPairs) = (3, 4)
    let record = record(Comparison(plan).run())
    let result = try #require(record.cases.first)
    #expect(result.verdict == .slower && result.confirmed == true && result.regression)
    #expect(result.processCount == 3 && result.pairCount == 12)
    #expect(result.earlierSets?.map(\.processes.count) == [1])
    #expect(record.problem() == .regression)
    #expect(record.ending()?.hasPrefix("confirmed regression in 1 of 1 cases: gemm/4x4x4") == true)
  }

  @Test func oneSetIsEnoughWhereNothingIsToBeConfirmed() throws {
    var plan = plan(arm("old", ns: 1000), arm("new", ns: 1100))
    plan.confirms = false
    let result = try #require(record(Comparison(plan).run()).cases.first)
    #expect(result.verdict == .slower && result.confirmed == nil && result.regression)
    #expect(result.earlierSets?.isEmpty == true)
  }

  /// B is slower in its first four processes, of the check and the first set, and never again.
  @Test func whatFreshProcessesDoNotFindDoesNotCount() throws {
    let folder = try TemporaryDirectory()
    let starts = try folder.file("starts", Data())
    var new = arm("new", ns: 0)
    new.launch = FakeWorker.script(
      """
      if [ -z "$ns" ]; then
        echo >> \(starts); ns=1000; [ $(wc -l < \(starts)) -gt 4 ] || ns=1100
      fi
      case "$word" in
        hello) echo '{"ok":true,"protocol":1,"worker":"fake"}';;
        prepare) echo '{"ok":true,"case":{"id":"'${rest%% *}'","kind":"gemm","parameters":{},'\\
      '"algorithm":"fake","threads":1,"flop":{"direct":5e4,"executed":5e4}}}';;
        check) echo '{"ok":true,"correctness":{"status":"passed","max_error":0}}';;
        run) echo '{"ok":true,"samples_ns":['$ns'.0,'$ns'.0],"flags":["",""],'\\
      '"calls_per_sample":1}';;
        quit) exit 0;;
      esac
      """)
    let record = record(Comparison(plan(arm("old", ns: 1000), new)).run())
    let result = try #require(record.cases.first)
    #expect(result.earlierSets?.map(\.verdict) == [.slower, .same])
    #expect(result.verdict == .same && result.confirmed == false && !result.regression)
    #expect(record.problem(failOn: [.improvement, .inconclusive, .unstable]) == nil)
  }

  @Test func aWrongAnswerIsNotCompared() throws {
    let wrong = arm("new", ns: 500, correctness: "failed")
    let record = record(Comparison(plan(arm("old", ns: 1000), wrong)).run())
    let result = try #require(record.cases.first)
    #expect(result.ratio == nil)
    #expect(record.problem() == .wrongAnswer)
  }

  /// The same id with more layers behind it, as a training step has since it trains a second head.
  @Test func otherWorkUnderOneNameIsNotCompared() throws {
    func arm(_ name: String, flop: Double, direct: Double) -> Arm {
      Arm(
        name: name,
        launch: FakeWorker.steady(samples: "[1000.0,1000.0]", flop: flop, directFLOP: direct),
        engine: name)
    }
    let old = arm("old", flop: 50_000, direct: 50_000)
    let outcome = Comparison(plan(old, arm("new", flop: 50_000, direct: 60_000))).run()
    #expect(outcome.cases.isEmpty)
    let error = try #require(outcome.failures.first).error
    #expect(error.kind == .notComparable)
    #expect(error.description.contains("in new") && error.description.contains("in old"))
    // Another algorithm does the same work, and others' software may not say what it does.
    for other in [
      arm("new", flop: 30_000, direct: 50_000), arm("new", flop: 50_000, direct: 0),
    ] {
      #expect(Comparison(plan(old, other)).run().cases.map(\.verdict) == [.same])
    }
    // A probe is as long as its build likes.
    var probes = plan(old, arm("new", flop: 50_000, direct: 60_000))
    probes.cases = [CaseRequest(id: "peak/fma/t1/any")]
    #expect(Comparison(probes).run().failures.isEmpty)
  }

  @Test func anArmThatCannotStartIsAFailure() {
    let gone = Arm(name: "gone", launch: WorkerLaunch(executable: "/nonexistent"))
    let outcome = Comparison(plan(arm("old", ns: 1000), gone)).run()
    #expect(outcome.cases.isEmpty)
    #expect(outcome.failures.first?.error.kind == .absent)
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
    #expect(record.problem() == nil)
    weak.pSlower = 0.0001
    record.cases[0] = weak
    record.settle()
    #expect(record.cases.filter(\.regression).count == 1)
    #expect(record.problem() == .regression)
  }

  @Test func unstableAndInconclusiveFailOnlyWhenAsked() throws {
    var record = record(Comparison(plan(arm("a", ns: 1000), arm("b", ns: 1000))).run())
    #expect(record.ending(failOn: [.unstable]) == nil, "nothing is left open")
    record.cases[0].verdict = .unstable
    record.cases[0].reason = "it shook"
    #expect(record.problem() == nil)
    #expect(record.problem(failOn: [.unstable]) == .unstable)
    #expect(record.problem(failOn: [.inconclusive]) == nil)
    let said = try #require(record.ending(failOn: [.unstable]))
    #expect(said.hasPrefix("could not tell"))
    #expect(said.hasSuffix("in 1 of 1 cases: gemm/4x4x4/t1 (UNSTABLE: it shook)"))
    #expect(record.ending()?.hasSuffix("--fail-on inconclusive end with 8 then") == true)
    record.cases = (0..<5).map { _ in record.cases[0] }
    let many = try #require(record.ending(failOn: [.unstable]))
    #expect(many.contains("in 5 of 5 cases") && many.hasSuffix("and 2 more"))
    record.cases[0].verdict = .inconclusive
    #expect(record.problem(failOn: [.inconclusive]) == .unstable)
    record.cases = []
    #expect(record.problem() == .caseFailed)
  }
}
