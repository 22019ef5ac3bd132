import Basics
import Foundation

/// Measures a list of cases, each in fresh worker processes, one worker at a time.
///
/// All answers are checked first. Then come the rounds: in each, every case gets one process, in an
/// order drawn from the seed, so that a slow minute of the machine falls on all cases alike. The
/// FMA peak at the cases' thread counts is measured within the same rounds.
///
/// Call `run` on a thread that lives at least as long as the call; a worker ends with it.
package final class Measurement {
  private let plan: MeasurementPlan
  private let cancel: CancelFlag
  private let finished: (MeasurementStep) -> Void
  private let progress: (MeasurementProgress) -> Void
  private var outcome = MeasurementOutcome()
  private var assemblies: [String: CaseAssembly] = [:]
  private var checksums: [String: String] = [:]
  private var failed: Set<String> = []
  /// For each round, the cases that an earlier try has timed.
  private var timedEarlier: [Int: Set<String>] = [:]
  private var peaks: PeakProbes
  private var done = 0
  private var total = 0
  private var secondsDone = 0.0
  private var secondsTotal = 1.0

  /// - Parameters:
  ///   - plan: What to measure.
  ///   - cancel: Ends the measurement with what it has.
  ///   - earlier: What an interrupted try at the same plan, by the same binary on the same machine,
  ///     has finished; its steps are taken over.
  ///   - progress: Told where the measurement stands.
  ///   - finished: Told every further step as it ends.
  package init(
    _ plan: MeasurementPlan, cancel: CancelFlag = CancelFlag(), earlier: [MeasurementStep] = [],
    progress: @escaping (MeasurementProgress) -> Void = { _ in },
    finished: @escaping (MeasurementStep) -> Void = { _ in }
  ) {
    self.plan = plan
    self.cancel = cancel
    self.finished = finished
    self.progress = progress
    peaks = PeakProbes(requests: plan.peaks)
    let requests = Dictionary(plan.cases.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    for step in earlier { takeOver(step, requests) }
  }

  /// Runs the plan to its end, or to the cancel flag.
  package func run() -> MeasurementOutcome {
    let preset = plan.preset
    total = plan.cases.count * (1 + preset.processes)
    secondsTotal = plan.cases.reduce(0) {
      $0 + Preset.startSeconds + Double(preset.processes) * turnSeconds(of: $1)
    }
    checkAll()
    var order = SplitMix64(seed: plan.seed)
    for round in 0..<preset.processes {
      for request in Self.shuffled(plan.cases, using: &order) where !failed.contains(request.id) {
        if cancel.isCancelled { break }
        report(.timing, request)
        if timedEarlier[round]?.contains(request.id) != true {
          do throws(WorkerError) {
            try time(request, round: round)
          } catch {
            fail(request, error)
          }
        }
        advance(turnSeconds(of: request))
      }
    }
    finish()
    return outcome
  }

  /// The cases in random order, but those of one subject by different engines one after the other,
  /// so that a slow minute falls on all of them and their ratio is of one time.
  package static func shuffled(
    _ cases: [CaseRequest], using order: inout SplitMix64
  ) -> [CaseRequest] {
    let groups = Dictionary(grouping: cases) { Arm.subject(of: $0.id) }
    return groups.keys.sorted().shuffled(using: &order).flatMap { subject in
      (groups[subject] ?? []).shuffled(using: &order)
    }
  }

  /// Seconds of sampling of one process of a case.
  private func share(of request: CaseRequest) -> Double {
    plan.preset.budget(for: request.kind ?? .gemm) / Double(plan.preset.processes)
  }

  /// Seconds that one process of a case is expected to take.
  private func turnSeconds(of request: CaseRequest) -> Double {
    plan.preset.overheadSeconds + share(of: request)
  }

  // MARK: Checking

  /// Checks every case in one worker; its memory is nobody's figure, so it may serve them all.
  private func checkAll() {
    var checker: WorkerClient?
    for request in plan.cases {
      if cancel.isCancelled { break }
      report(.checking, request)
      defer { advance(Preset.startSeconds) }
      if assemblies[request.id] != nil { continue }
      do throws(WorkerError) {
        if checker == nil { checker = try start() }
        if let checker { try check(request, in: checker) }
      } catch {
        if case .refused = error {} else { checker = nil }
        fail(request, error)
      }
    }
    checker?.quit()
  }

  private func check(_ request: CaseRequest, in client: WorkerClient) throws(WorkerError) {
    let prepared = try client.prepare(request)
    let checksum = try client.checksum()
    let correctness = try client.check()
    take(request, prepared, correctness, checksum: checksum)
    finished(
      .checked(
        id: request.id, prepared: prepared, correctness: correctness, checksum: checksum))
  }

  private func take(
    _ request: CaseRequest, _ prepared: PreparedCase, _ correctness: CaseRecord.Correctness,
    checksum: String?
  ) {
    checksums[request.id] = checksum
    assemblies[request.id] = CaseAssembly(
      request: request, prepared: prepared, correctness: correctness)
    if correctness.status == .failed { failed.insert(request.id) }
  }

  // MARK: Timing

  private func time(_ request: CaseRequest, round: Int) throws(WorkerError) {
    guard var assembly = assemblies[request.id] else { return }
    try peaks.refresh(threads: assembly.prepared.threads, round: round, for: self)
    if assembly.prepared.threads > 1 { try peaks.refresh(threads: 1, round: round, for: self) }
    let client = try start()
    defer { client.quit() }
    try client.prepare(timed(request))
    if let expected = checksums[request.id], let found = try client.checksum(), found != expected {
      let doubt = "wrong answer: a timed process computed other outputs than the checked one"
      assembly.doubts.append(doubt)
      assembly.correctness = .init(status: .failed, maxError: assembly.correctness.maxError)
      assemblies[request.id] = assembly
      failed.insert(request.id)
      return
    }
    let rule = StopRule(
      kind: assembly.prepared.kind, preset: plan.preset, share: share(of: request))
    let (samples, error) = collect(client, rule: rule)
    if let samples { take(samples, of: request.id, round: round) }
    if let error { throw error }
    if let samples { finished(.timed(id: request.id, round: round, samples: samples)) }
  }

  private func take(_ samples: CaseRecord.ProcessSamples, of id: String, round: Int) {
    guard var assembly = assemblies[id] else { return }
    assembly.processes.append(samples)
    assembly.peakSamples.append(peaks.samples(threads: assembly.prepared.threads, round: round))
    assembly.peakFLOPs = peaks.flops[assembly.prepared.threads] ?? 0
    assemblies[id] = assembly
  }

  /// Counts a step of an earlier try as done.
  private func takeOver(_ step: MeasurementStep, _ requests: [String: CaseRequest]) {
    switch step {
    case .checked(let id, let prepared, let correctness, let checksum):
      guard let request = requests[id] else { return }
      take(request, prepared, correctness, checksum: checksum)
    case .probed(let threads, let round, let flop, let samples):
      peaks.take(samples, flop: flop, threads: threads, round: round)
    case .timed(let id, let round, let samples):
      guard requests[id] != nil, timedEarlier[round, default: []].insert(id).inserted else {
        return
      }
      take(samples, of: id, round: round)
    }
  }

  /// Takes samples until the rule is content; keeps what came before an error.
  private func collect(
    _ client: WorkerClient, rule: StopRule
  ) -> (CaseRecord.ProcessSamples?, WorkerError?) {
    var collected: CaseRecord.ProcessSamples?
    var begin = Clock.now()
    do throws(WorkerError) {
      while true {
        let seconds = Double(Clock.now() &- begin) * 1e-9
        guard let next = rule.next(after: collected?.samplesNs ?? [], elapsedSeconds: seconds)
        else { return (collected, nil) }
        let more = try client.run(samples: next.samples, seconds: next.seconds)
        if collected == nil {
          // The first reply comes after the warm-up, which is not taken out of the share.
          let sampled = more.samplesNs.reduce(0, +) * Double(more.callsPerSample)
          begin = Clock.now() &- UInt64(sampled)
          collected = more
        } else {
          collected?.samplesNs += more.samplesNs
          collected?.flags += more.flags
          collected?.peakMemoryBytes = more.peakMemoryBytes
          collected?.phaseNs = more.phaseNs
        }
      }
    } catch {
      return (collected, error)
    }
  }

  private func timed(_ request: CaseRequest) -> CaseRequest {
    var request = request
    request.options[WorkerProtocol.warmupKey] = "\(plan.preset.warmupSeconds)"
    request.options[WorkerProtocol.warmupCapKey] = "\(plan.preset.warmupCapSeconds)"
    return request
  }

  /// Samples of a peak probe in a process of its own.
  func probe(_ request: CaseRequest) throws(WorkerError) -> (PreparedCase, [Double]) {
    let client = try start()
    defer { client.quit() }
    let prepared = try client.prepare(timed(request))
    let samples = try client.run(samples: 200, seconds: PeakProbes.seconds)
    return (prepared, samples.samplesNs)
  }

  /// Tells that the peak was probed.
  func probed(threads: Int, round: Int, flop: Double, samplesNs: [Double]) {
    finished(.probed(threads: threads, round: round, flop: flop, samplesNs: samplesNs))
  }

  // MARK: Outcome

  private func finish() {
    outcome.interrupted = cancel.isCancelled
    for id in assemblies.keys { assemblies[id]?.bestSingleThreadRate = peaks.bestRate(threads: 1) }
    outcome.records = plan.cases.compactMap { assemblies[$0.id]?.record() }
      .filter {
        !$0.processes.isEmpty || $0.isWrong || !$0.validity.reasons.contains("not measured")
      }
    outcome.peaks = peaks.records(with: outcome.records, prepared: assemblies.mapValues(\.prepared))
    let flags = outcome.records.flatMap { $0.processes.flatMap(\.flags) }
    if !flags.isEmpty {
      let preempted = flags.count { Disturbance(label: $0).contains(.preempt) }
      outcome.preemptionPercent = 100 * Double(preempted) / Double(flags.count)
    }
  }

  private func fail(_ request: CaseRequest, _ error: WorkerError) {
    if case .cancelled = error { return }
    failed.insert(request.id)
    assemblies[request.id]?.doubts.append(error.description)
    outcome.failures.append(.init(caseID: request.id, error: error))
  }

  private func start() throws(WorkerError) -> WorkerClient {
    let client = try WorkerClient(plan.launch, cancel: cancel, timeouts: plan.timeouts)
    outcome.libraries = client.greeting.libraries ?? outcome.libraries
    outcome.march = client.greeting.march ?? outcome.march
    return client
  }

  private func advance(_ seconds: Double) {
    done += 1
    secondsDone += seconds
  }

  private func report(_ phase: MeasurementProgress.Phase, _ request: CaseRequest) {
    progress(
      MeasurementProgress(
        phase: phase, caseID: request.id, done: done, total: total,
        fraction: min(1, secondsDone / secondsTotal)))
  }
}
