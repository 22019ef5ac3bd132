import Basics

/// Compares two arms, and any peers, case by case in interleaved worker processes.
///
/// Call `run` on a thread that lives at least as long as the call; the workers end with it.
package final class Comparison {
  /// What a comparison gave, also where it was interrupted.
  package struct Outcome: Sendable {
    package var cases: [ComparisonRecord.Case] = []
    package var failures: [MeasurementOutcome.Failure] = []
    package var interrupted = false
    /// Names of the cases that were compared though the machine was not quiet while they waited.
    package var neverQuiet: [String] = []
  }

  private let plan: ComparisonPlan
  private let cancel: CancelFlag
  private let progress: (MeasurementProgress) -> Void
  private var order: SplitMix64
  private var done = 0
  /// Of all cases and sets, so that each runs on the CPUs after those of the one before.
  private var sessionCount = 0

  package init(
    _ plan: ComparisonPlan, cancel: CancelFlag = CancelFlag(),
    progress: @escaping (MeasurementProgress) -> Void = { _ in }
  ) {
    (self.plan, self.cancel, self.progress) = (plan, cancel, progress)
    order = SplitMix64(seed: plan.seed)
  }

  /// Runs all cases, or as many as there is time for before the cancel flag.
  package func run() -> Outcome {
    var outcome = Outcome()
    for request in plan.cases {
      if cancel.isCancelled { break }
      do throws(Problem) {
        let (result, wasQuiet) = try compare(request)
        outcome.cases.append(result)
        if !wasQuiet { outcome.neverQuiet.append(result.id) }
      } catch {
        if error.kind == .interrupted { break }
        outcome.failures.append(.init(caseID: request.id, error: error))
      }
      done += 1
    }
    outcome.interrupted = cancel.isCancelled
    return outcome
  }

  // MARK: One case

  /// A case as it came out, and whether it found a quiet machine where it had to wait for one.
  private func compare(
    _ request: CaseRequest
  ) throws(Problem) -> (ComparisonRecord.Case, wasQuiet: Bool) {
    let correctness = try check(request)
    guard correctness != .failed else { return (refused(request), true) }
    let wasQuiet = plan.wait.map { $0.wait(seconds: $0.seconds, cancel: cancel).wasQuiet } ?? true
    // Of B and of every peer, at their places among the arms.
    let places = [1] + plan.peers.indices.map { 3 + $0 }
    var tallies = places.map { _ in SetTally(confirms: plan.confirms) }
    var (judge, steal): (Judge?, Double?) = (nil, nil)
    while tallies.contains(where: { $0.verdict == nil }) {
      let noise = NoiseMeter()
      let (sessions, rules) = try sessions(of: request, judge: judge)
      steal = plan.heedsSteal ? noise.stealPercent : nil
      for (index, place) in places.enumerated() {
        let blocks = tallies[index].joined(sessions.map { $0.blocks(of: place) })
        tallies[index].add(rules.judge(blocks, stealPercent: steal), blocks)
      }
      judge = rules
    }
    guard let rules = judge,
      var result = ComparisonRecord.Case(
        id: name(of: request), repeat: request.repeat, tally: tallies[0], margin: rules.margin)
    else { return (refused(request), wasQuiet) }
    result.correctness = correctness
    result.stealPercent = steal
    result.peers = zip(plan.peers, tallies.dropFirst()).compactMap { peer, tally in
      tally.judgement.map {
        .init(
          name: peer.name, verdict: $0.verdict, ratio: $0.shift?.ratio,
          ci99: $0.shift?.ratioInterval, reason: $0.reason)
      }
    }
    return (result, wasQuiet)
  }

  /// One set: fresh processes of all arms until the plan's count, and beyond while the interval is
  /// wide and there is time.
  ///
  /// Only the width decides, never the side that it lies on. The first set finds the rules; those
  /// after it are given them.
  private func sessions(
    of request: CaseRequest, judge rules: Judge?
  ) throws(Problem) -> ([ComparisonSession.Result], Judge) {
    let isFirst = rules == nil
    let processes = isFirst ? plan.processes : plan.laterProcesses ?? plan.processes
    let pairs = isFirst ? plan.pairs : plan.laterPairs ?? plan.pairs
    let session = ComparisonSession(plan: plan, cancel: cancel)
    let begin = Clock.now()
    var results: [ComparisonSession.Result] = []
    var judge = rules ?? Judge(margin: plan.margin ?? 0.02)
    while true {
      let within = min(1, Double(results.count) / Double(max(processes, 1)))
      progress(
        MeasurementProgress(
          phase: isFirst ? .timing : .confirming, caseID: request.id, done: done,
          total: plan.cases.count, fraction: (Double(done) + within) / Double(plan.cases.count)))
      let result = try session.run(request, pairs: pairs, session: sessionCount, order: &order)
      sessionCount += 1
      results.append(result)
      if isFirst, results.count == 1 { judge = self.judge(for: request, result) }
      let elapsed = Double(Clock.now() &- begin) * 1e-9
      let next = elapsed * (1 + 1 / Double(results.count))
      if results.count >= 2, next > plan.limitSeconds { return (results, judge) }
      if results.count < processes { continue }
      let differences = results.map { $0.blocks(of: 1) }.telling.map(\.differences)
      let shift = Shift(processes: differences, confidence: judge.confidence)
      let isNarrow = (shift?.halfWidth ?? .infinity) <= judge.limit / 2
      let isLast = results.count >= 2 * processes || processes == 1
      if isNarrow || isLast || next > plan.budgetSeconds { return (results, judge) }
    }
  }

  private func judge(for request: CaseRequest, _ first: ComparisonSession.Result) -> Judge {
    let prepared = first.prepared[0]
    let ns = Quantile.median(of: first.times[0])
    let standard = Margin.standard(
      kind: prepared.kind, threads: prepared.threads, nsPerCall: ns,
      cores: MachineReader.availableThreads)
    let asked = plan.margins[request.id] ?? plan.margin ?? standard
    let margin = Margin.effective(asked, pastControls: plan.pastControls[request.id] ?? [])
    // A pair is as undisturbed as its longer call.
    let longest = max(ns, Quantile.median(of: first.times[1]))
    return Judge(margin: margin, asksForCleanPairs: prepared.threads == 1 && longest <= 5e6)
  }

  /// Each distinct arm's own check of its answer, in a process of its own, once it is known to do the
  /// work of the first.
  private func check(_ request: CaseRequest) throws(Problem) -> CaseRecord.Correctness.Status {
    var worst = CaseRecord.Correctness.Status.passed
    var first: PreparedCase?
    for arm in [plan.a, plan.b] + plan.peers {
      let client = try WorkerClient(arm.launch, cancel: cancel, timeouts: plan.timeouts)
      defer { client.quit() }
      let prepared = try client.prepare(arm.request(for: request))
      if let first { try prepared.refuse(otherWorkThan: first, arm: arm.name, a: plan.a.name) }
      first = first ?? prepared
      let status = try client.check().status
      if status == .failed { return .failed }
      if status == .notChecked { worst = .notChecked }
    }
    return worst
  }

  // MARK: Records

  private func refused(_ request: CaseRequest) -> ComparisonRecord.Case {
    let margin = plan.margin ?? 0.02
    var empty = Judge(margin: margin).judge([])
    empty.reason = "wrong answer: no speed is compared"
    var result = ComparisonRecord.Case(
      id: name(of: request), repeat: request.repeat, judgement: empty, margin: margin, blocks: [])
    result.correctness = .failed
    return result
  }

  /// Engines share the subject; anything else shares the whole id.
  private func name(of request: CaseRequest) -> String {
    let engines = Set(([plan.a, plan.b] + plan.peers).map(\.engine))
    return engines.count > 1 ? CaseID.withoutEngine(request.id) : plan.a.request(for: request).id
  }
}
