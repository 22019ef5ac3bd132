import Basics
import Foundation
import Harness
import TestSupport
import Testing

@Suite struct MeasurementTests {
  private func plan(
    _ ids: [String], launch: WorkerLaunch, processes: Int = 3, peaks: [Int: CaseRequest] = [:]
  ) -> MeasurementPlan {
    let preset = Preset.standard.withProcesses(processes).withDuration(0.01)
    var plan = MeasurementPlan(
      cases: ids.map { CaseRequest(id: $0, repeat: "costcurve kernels --filter \($0)") },
      preset: preset, launch: launch)
    plan.peaks = peaks
    return plan
  }

  /// The ratio of two engines is of one time only where nothing runs between them.
  @Test(arguments: [1, 2, 3, 7, 42] as [UInt64])
  func enginesOfAShapeFollowOneAnother(_ seed: UInt64) {
    let shapes = (1...9).map { "gemm/\($0)x\($0)x\($0)/t1" } + ["conv/net.a/forward/b1/t2"]
    // As the suite lists them: all shapes of one engine, then all of the next.
    let cases = ["openblas", "native", "native-direct"].flatMap { engine in
      shapes.map { CaseRequest(id: "\($0)/\(engine)", repeat: "") }
    }
    var order = SplitMix64(seed: seed)
    var orders: Set<[String]> = []
    for _ in 0..<5 {
      let ids = MeasurementPlan.shuffled(cases, using: &order).map(\.id)
      #expect(ids.sorted() == cases.map(\.id).sorted())
      for trio in stride(from: 0, to: ids.count, by: 3).map({ ids[$0..<$0 + 3] }) {
        #expect(Set(trio.map { CaseID.withoutEngine($0) }).count == 1, "\(trio)")
      }
      orders.insert(ids)
    }
    #expect(orders.count == 5, "every round has an order of its own")
  }

  /// What float32 is beside int8 is of one time as well.
  @Test func precisionsOfAShapeFollowOneAnother() {
    let shapes = (1...5).map { "infer/net\($0)/b1/t2" }
    let cases = ["openblas", "native", "int8/native"].flatMap { engine in
      shapes.map { CaseRequest(id: "\($0)/\(engine)", repeat: "") }
    }
    var order = SplitMix64(seed: 3)
    let ids = MeasurementPlan.shuffled(cases, using: &order).map(\.id)
    #expect(Set(ids).count == 15)
    for trio in stride(from: 0, to: ids.count, by: 3).map({ ids[$0..<$0 + 3] }) {
      #expect(Set(trio.map { CaseID($0)?.subject }).count == 1, "\(trio)")
    }
  }

  @Test func gathersOneSetOfSamplesPerProcess() throws {
    var seen: [MeasurementProgress] = []
    // A worker that answers at once gives more samples than a p99 needs, on a fast machine.
    let plan = plan(
      ["gemm/4/fake", "infer/net/b1/fake"], launch: FakeWorker.steady(meanwhile: "sleep 0.002"))
    let outcome = Measurement(plan) { seen.append($0) }.run()
    #expect(outcome.problem == nil)
    #expect(outcome.records.map(\.id) == ["gemm/4/fake", "infer/net/b1/fake"])
    let gemm = try #require(outcome.records.first)
    #expect(gemm.processes.count == 3)
    #expect(gemm.validity.ok)
    let statistics = try #require(gemm.statistics)
    #expect(abs(statistics.medianNs - 1010) < 1e-9)
    #expect(statistics.ci95Method == "processes")
    #expect(!statistics.provisional)
    // 50 000 operations in 1010 ns.
    #expect(abs((gemm.derived.gflopsDirect ?? 0) - 50_000 / 1010) < 1e-9)
    #expect(gemm.derived.peakMemoryBytes == 4096)
    #expect(gemm.repeat == "costcurve kernels --filter gemm/4/fake")
    let infer = try #require(outcome.records.last)
    #expect(abs((infer.derived.imagesPerSecond ?? 0) - 1e9 / 1010) < 1e-6)
    #expect(infer.derived.latencyMs?.p99 == nil)
    #expect(infer.derived.latencyMs?.needs["p99"] == 662)
    #expect(infer.accuracy.status == "not evaluated")
    #expect(seen.count == 2 * 4)
    #expect(seen.map(\.done) == Array(0..<8))
  }

  /// With a share as short as the warm-up, a kernel's process once gave no more than its least.
  @Test func theShareOfAProcessIsSpentOnSamplesNotOnWarmUp() throws {
    // The first 'run' takes more than the share and gives one sample of a microsecond.
    let launch = FakeWorker.steady(samples: "[1000.0]", firstRunSeconds: 0.6)
    var plan = plan(["gemm/4/fake"], launch: launch, processes: 1)
    plan.preset = plan.preset.withDuration(0.5)
    let record = try #require(Measurement(plan).run().records.first)
    #expect((record.processes.first?.samplesNs.count ?? 0) > plan.preset.minimumSamples)
  }

  @Test func aWrongAnswerHasNoSpeed() throws {
    let plan = plan(["gemm/4/fake"], launch: FakeWorker.steady(correctness: "failed"))
    let outcome = Measurement(plan).run()
    let record = try #require(outcome.records.first)
    #expect(record.statistics == nil)
    #expect(record.derived == CaseRecord.Derived())
    #expect(!record.validity.ok)
    #expect(record.processes.isEmpty)
    #expect(outcome.problem == .wrongAnswer)
  }

  @Test func otherOutputsInATimedProcessAreAWrongAnswer() throws {
    let launch = FakeWorker.steady(checksum: "'$$'")
    let outcome = Measurement(plan(["gemm/4/fake"], launch: launch)).run()
    let record = try #require(outcome.records.first)
    #expect(record.isWrong)
    #expect(record.statistics == nil)
    #expect(outcome.problem == .wrongAnswer)
  }

  /// Some slow times are a hypervisor's moments; where most are, the fast ones are the exception.
  @Test(arguments: [(7, true), (5, false)])
  func aPeakWhoseTimesVaryIsNone(slowOfTwelve: Int, isDisturbed: Bool) throws {
    let times = (0..<12).map { $0 < slowOfTwelve ? "1600.0" : "1000.0" }
    let launch = FakeWorker.steady(samples: "[\(times.joined(separator: ","))]")
    let peaks = [1: CaseRequest(id: "peak/fma/t1")]
    // Once by the probe beside the cases, once as a case of its own.
    for ids in [["gemm/4x4x4/t1/fake"], ["peak/fma/t1"]] {
      let outcome = Measurement(
        plan(ids, launch: launch, peaks: ids[0].hasPrefix("peak") ? [:] : peaks)
      ).run()
      #expect(outcome.peaks.map(\.isDisturbed) == [isDisturbed], "\(ids)")
      let rate = outcome.peaks.first?.fmaGflops
      #expect(isDisturbed ? rate == nil : abs((rate ?? 0) - 50) < 1e-9, "\(ids)")
      var record = RecordFixture.record
      (record.cases, record.peaks) = (outcome.records, outcome.peaks)
      let told = record.withholdingTheImpossible()
      #expect(told.validity?.ok == !isDisturbed)
      if ids[0].hasPrefix("gemm") {
        #expect((told.cases.first?.shareOfPeak == .disturbed) == isDisturbed)
      }
    }
  }

  @Test func aRateAboveThePeakIsImpossible() throws {
    // The probe is answered by the same fake worker, so both run at 50 GFLOP/s: 100 % of peak.
    let peaks = [1: CaseRequest(id: "peak/fma/t1")]
    let even = Measurement(
      plan(["gemm/4/fake"], launch: FakeWorker.steady(), peaks: peaks)
    ).run()
    let record = try #require(even.records.first)
    // p05 interpolates, so it shifts a little with how often the same three samples came.
    #expect(abs((record.derived.percentOfPeak ?? 0) - 100) < 1)
    #expect(even.problem == nil)
    #expect(even.peaks.map(\.threads) == [1])

    let cheat = FakeWorker.script(
      """
      case "$word" in
        hello) echo '{"ok":true,"protocol":1}';;
        prepare) case "$rest" in peak/*) kind=peak; ns=1000;; *) kind=gemm; ns=900;; esac
          echo '{"ok":true,"case":{"id":"'"${rest%% *}"'","kind":"'$kind'","parameters":{},'\\
      '"algorithm":"fake","threads":1,"flop":{"direct":5e4,"executed":5e4}}}';;
        checksum) echo '{"ok":true,"checksum":"1"}';;
        check) echo '{"ok":true,"correctness":{"status":"passed","max_error":0}}';;
        run) echo '{"ok":true,"samples_ns":['$ns'],"calls_per_sample":1}';;
        quit) exit 0;;
      esac
      """)
    let outcome = Measurement(plan(["gemm/4/fake"], launch: cheat, peaks: peaks)).run()
    let impossible = try #require(outcome.records.first)
    #expect(impossible.isImpossible)
    #expect(impossible.validity.reasons.first?.contains("FMA peak") == true)
    #expect(outcome.problem == .wrongAnswer)

    // On a busy machine it is the peak that is doubtful, and no share of it is told.
    let folder = try TemporaryDirectory()
    let stat = try folder.file("stat", Data("cpu  0 0 0 100 0 0 0 0\n".utf8))
    let noise = NoiseMeter(proc: (stat as NSString).deletingLastPathComponent)
    _ = try folder.file("stat", Data("cpu  90000 0 0 200 0 0 0 0\n".utf8))
    let busy = Measurement(
      plan(["gemm/4/fake"], launch: cheat, peaks: peaks), noise: noise
    ).run()
    #expect(busy.problem == nil)
    #expect(busy.records.first?.validity.ok == true)
    var record2 = RecordFixture.record
    (record2.cases, record2.peaks) = (busy.records, busy.peaks)
    let told = record2.withholdingTheImpossible()
    #expect(told.cases.first?.shareOfPeak == .disturbed)
    #expect(told.cases.first?.derived.percentOfPeak == nil)
  }

  /// Engines of one subject take turns within their processes, so that one process is enough for an
  /// interval of their ratio; what has another subject runs alone.
  @Test func enginesOfOneSubjectTakeTurns() throws {
    let fake = FakeWorker.steady()
    var plan = plan(
      ["gemm/4/native", "gemm/8/native", "gemm/4/openblas"], launch: fake, processes: 1)
    plan.preset = plan.preset.withDuration(0.2)
    let records = Measurement(plan).run().records
    let turns = records.map { $0.processes.first?.turnSamples }
    #expect(turns[1] == nil)
    for index in [0, 2] {
      let own = try #require(turns[index])
      #expect(own.count >= 6 && own.reduce(0, +) == records[index].processes[0].samplesNs.count)
    }
    let ratio = try #require(PairedRounds(records[0], beside: records[2]))
    #expect(abs(ratio.speedup - 1) < 1e-9 && ratio.ci95.count == 2 && ratio.isUndecided)
  }

  @Test func casesWaitForAQuietMachineOrSayThatItNeverWas() {
    let busy = MachineLook(othersPercent: 80, stealPercent: 0, runQueue: 2)
    let quiet = MachineLook(othersPercent: 2, stealPercent: 0, runQueue: 0)
    var plan = plan(["gemm/4/fake"], launch: FakeWorker.steady())
    plan.wait = QuietWait(seconds: 0.01) {
      usleep(1000)
      return busy
    }
    #expect(Measurement(plan).run().neverQuiet == ["gemm/4/fake"])
    plan.wait = QuietWait(seconds: 0.01) { quiet }
    let outcome = Measurement(plan).run()
    #expect(outcome.neverQuiet.isEmpty && outcome.records.count == 1)
  }

  @Test func aCrashedCaseLeavesTheOthersMeasured() throws {
    let launch = FakeWorker.script(
      """
      case "$word" in
        hello) echo '{"ok":true,"protocol":1}';;
        prepare) case "$rest" in *bad*) kill -9 $$;; esac
          echo '{"ok":true,"case":{"id":"'"${rest%% *}"'","kind":"gemm","parameters":{},'\\
      '"algorithm":"fake","threads":1,"flop":{"direct":1,"executed":1}}}';;
        checksum) echo '{"ok":true,"checksum":"1"}';;
        check) echo '{"ok":true,"correctness":{"status":"passed","max_error":0}}';;
        run) echo '{"ok":true,"samples_ns":[5.0],"calls_per_sample":1}';;
        quit) exit 0;;
      esac
      """)
    let outcome = Measurement(plan(["gemm/bad", "gemm/good"], launch: launch)).run()
    #expect(outcome.failures.map(\.caseID) == ["gemm/bad"])
    #expect(outcome.problem == .crashed)
    // It stays in the record, with the reason and without a figure.
    #expect(outcome.records.map(\.id) == ["gemm/bad", "gemm/good"])
    #expect(outcome.records.map(\.validity.ok) == [false, true])
    let failed = try #require(outcome.records.first)
    #expect(failed.statistics == nil && failed.processes.isEmpty)
    #expect(failed.validity.reasons.count == 1)
    #expect(failed.validity.reasons.allSatisfy { $0.contains("killed by signal 9") })
  }

  /// A refusal of all that was asked for, such as a file that is not there, is no measurement.
  @Test func whereAllIsRefusedNothingIsRecorded() {
    let launch = FakeWorker.misbehaving(#"echo '{"ok":false,"error":"no","code":5}'"#)
    let outcome = Measurement(plan(["gemm/a", "gemm/b"], launch: launch)).run()
    #expect(outcome.failures.count == 2)
    #expect(outcome.records.isEmpty)
    #expect(outcome.problem == .absent)
  }

  @Test func anInterruptedRunKeepsWhatItHas() {
    let cancel = CancelFlag()
    let plan = plan(["gemm/1/fake", "gemm/2/fake"], launch: FakeWorker.steady(), processes: 4)
    let outcome = Measurement(plan, cancel: cancel) { step in
      if step.done == 4 { cancel.cancel() }
    }.run()
    #expect(outcome.interrupted)
    #expect(outcome.problem == .interrupted)
    #expect(outcome.records.reduce(0) { $0 + $1.processes.count } == 2)
  }

  @Test func aLongStepTellsThatItGoesOn() throws {
    var told: [MeasurementProgress] = []
    let plan = plan(["gemm/4/fake"], launch: FakeWorker.steady(firstRunSeconds: 0.5))
    let outcome = Measurement(plan, waiting: { told.append($0) }).run()
    #expect(outcome.problem == nil)
    let timing = told.filter { $0.phase == .timing }
    #expect(!timing.isEmpty)
    #expect(timing.allSatisfy { $0.caseID == "gemm/4/fake" && $0.total == 4 })
  }

  @Test func nothingMeasuredIsExitThree() {
    #expect(Measurement(plan([], launch: FakeWorker.steady())).run().problem == .caseFailed)
  }

  @Test func takesUpWhereAnEarlierTryEnded() throws {
    let plan = plan(
      ["gemm/4/fake", "gemm/8/fake"], launch: FakeWorker.steady(),
      peaks: [1: CaseRequest(id: "peak/fma/t1")])
    var all: [MeasurementStep] = []
    let whole = Measurement(plan, finished: { all.append($0) }).run()
    // 2 checks, 2 processes a round, one probe a round.
    #expect(all.count == 2 + 3 * 3)
    for cut in 0...all.count {
      var later: [MeasurementStep] = []
      let rest = Measurement(plan, earlier: Array(all[..<cut]), finished: { later.append($0) })
        .run()
      #expect(rest.records.map(\.id) == whole.records.map(\.id))
      #expect(rest.records.map(\.processes.count) == [3, 3], "cut at \(cut)")
      #expect(rest.records.map(\.validity) == whole.records.map(\.validity))
      #expect(rest.problem == nil)
      let timings = later.count { if case .timed = $0 { true } else { false } }
      let earlier = all[..<cut].count { if case .timed = $0 { true } else { false } }
      #expect(timings + earlier == 6, "cut at \(cut)")
    }
    // Nothing is missing, so no worker is needed.
    let launch = WorkerLaunch(executable: "/no/such/worker")
    var finished = plan
    finished.launch = launch
    #expect(Measurement(finished, earlier: all).run().problem == nil)
  }

  @Test func stepsSurviveTheirJSON() throws {
    var all: [MeasurementStep] = []
    _ = Measurement(
      plan(["gemm/4/fake"], launch: FakeWorker.steady()), finished: { all.append($0) }
    ).run()
    let data = try JSONEncoder().encode(all)
    #expect(try JSONDecoder().decode([MeasurementStep].self, from: data) == all)
  }
}
