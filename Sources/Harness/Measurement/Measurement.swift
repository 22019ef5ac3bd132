import Basics
import Foundation

/// Measures a list of cases, each in fresh worker processes, one worker at a time.
///
/// All answers are checked first. Then come the rounds: in each, every case gets one process, in an
/// order drawn from the seed, so that a slow minute of the machine falls on all cases alike; the
/// processes of one subject by different engines take turns, so that a slow second does too. The
/// FMA peak at the cases' thread counts is measured within the same rounds.
///
/// Call `run` on a thread that lives at least as long as the call; a worker ends with it.
package final class Measurement {
  private let plan: MeasurementPlan
  private let cancel: CancelFlag
  private let finished: (MeasurementStep) -> Void
  private let progress: (MeasurementProgress) -> Void
  private let waiting: (MeasurementProgress) -> Void
  /// Where it stood when it was told last.
  private var told: MeasurementProgress?
  private var outcome = MeasurementOutcome()
  private var assemblies: [String: CaseAssembly] = [:]
  private var checksums: [String: String] = [:]
  private var failed: Set<String> = []
  /// Those of the failed of which no worker has said what they are.
  private var unprepared: Set<String> = []
  /// For each round, the cases that an earlier try has timed.
  private var timedEarlier: [Int: Set<String>] = [:]
  private var peaks: PeakProbes
  private var precisionPeaks: [CaseID.Precision: PeakProbes] = [:]
  /// Seconds that each case has waited for a quiet machine.
  private var secondsWaited: [String: Double] = [:]
  private let noise: NoiseMeter?
  private let meter: EnergyMeter?
  private var done = 0
  private var total = 0
  private var secondsDone = 0.0
  private var secondsTotal = 1.0

  /// - Parameters:
  ///   - plan: What to measure.
  ///   - cancel: Ends the measurement with what it has.
  ///   - earlier: What an interrupted try at the same plan, by the same binary on the same machine,
  ///     has finished; its steps are taken over.
  ///   - noise: What tells whether the machine was busy, since when a rate above the measured peak
  ///     speaks against the peak; nil where that is not to be asked.
  ///   - meter: Read before and after each turn; nil where nobody asks for energy.
  ///   - progress: Told where the measurement stands.
  ///   - finished: Told every further step as it ends.
  ///   - waiting: Told once more where it stands, some ten times a second, while a step goes on.
  package init(
    _ plan: MeasurementPlan, cancel: CancelFlag = CancelFlag(), earlier: [MeasurementStep] = [],
    noise: NoiseMeter? = nil, meter: EnergyMeter? = nil,
    progress: @escaping (MeasurementProgress) -> Void = { _ in },
    finished: @escaping (MeasurementStep) -> Void = { _ in },
    waiting: @escaping (MeasurementProgress) -> Void = { _ in }
  ) {
    self.plan = plan
    self.cancel = cancel
    (self.noise, self.meter) = (noise, meter)
    self.finished = finished
    self.progress = progress
    self.waiting = waiting
    peaks = PeakProbes(requests: plan.peaks)
    for precision in CaseID.Precision.allCases {
      precisionPeaks[precision] = PeakProbes(
        requests: plan.precisionPeaks[precision] ?? [:], precision: precision)
    }
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
      for group in plan.turns(using: &order) {
        if cancel.isCancelled { break }
        let cases = group.filter {
          !failed.contains($0.id) && timedEarlier[round]?.contains($0.id) != true
        }
        if let first = cases.first {
          waitForQuiet(cases)
          report(.timing, first)
          time(cases, round: round)
        }
        for request in group { advance(turnSeconds(of: request)) }
      }
    }
    finish()
    return outcome
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
      do throws(Problem) {
        if checker == nil { checker = try start() }
        if let checker { try check(request, in: checker) }
      } catch {
        if !error.isRefusal { checker = nil }
        fail(request, error)
      }
    }
    checker?.quit()
  }

  private func check(_ request: CaseRequest, in client: WorkerClient) throws(Problem) {
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

  /// Times one process of each of the cases; those of several engines take turns.
  private func time(_ cases: [CaseRequest], round: Int) {
    var seats: [Seat] = []
    var alone: [CaseRequest] = []
    for request in cases {
      do throws(Problem) {
        if let seat = try seat(request, round: round) { seats.append(seat) }
        seats.last?.client.pause()
      } catch {
        // It may be the memory of the others that it lacks; if not, it fails by itself too.
        if seats.isEmpty { fail(request, error) } else { alone.append(request) }
      }
    }
    var order = SplitMix64(seed: plan.seed &+ UInt64(round))
    Seat.takeTurns(&seats, using: &order)
    for seat in seats {
      seat.client.quit()
      if let samples = seat.samples { take(samples, of: seat.request.id, round: round) }
      if let error = seat.error {
        fail(seat.request, error)
      } else if let samples = seat.samples {
        finished(.timed(id: seat.request.id, round: round, samples: samples))
      }
    }
    for request in alone { time([request], round: round) }
  }

  /// A process that is ready to be timed; nil where its answer is another than the checked one's.
  private func seat(_ request: CaseRequest, round: Int) throws(Problem) -> Seat? {
    guard var assembly = assemblies[request.id] else { return nil }
    for threads in Set([assembly.prepared.threads, 1]).sorted(by: >) {
      try peaks.refresh(threads: threads, round: round, for: self)
      if let precision = CaseID(request.id)?.precision {
        try precisionPeaks[precision]?.refresh(threads: threads, round: round, for: self)
      }
    }
    let client = try start()
    do throws(Problem) {
      try client.prepare(timed(request))
      if let expected = checksums[request.id], let found = try client.checksum(), found != expected
      {
        let doubt = "wrong answer: a timed process computed other outputs than the checked one"
        assembly.doubts.append(doubt)
        assembly.correctness = .init(status: .failed, maxError: assembly.correctness.maxError)
        assemblies[request.id] = assembly
        failed.insert(request.id)
        client.quit()
        return nil
      }
    } catch {
      client.quit()
      throw error
    }
    let rule = StopRule(
      kind: assembly.prepared.kind, preset: plan.preset, share: share(of: request))
    return Seat(request, client, rule: rule)
  }

  /// Waits for a quiet machine as long as these cases may.
  private func waitForQuiet(_ cases: [CaseRequest]) {
    guard let wait = plan.wait, let first = cases.first else { return }
    let left = wait.seconds - (secondsWaited[first.id] ?? 0)
    guard left > 0 else { return }
    report(.waiting, first)
    let begin = Clock.now()
    let end = wait.wait(seconds: left, cancel: cancel)
    secondsWaited[first.id, default: 0] += Double(Clock.now() &- begin) * 1e-9
    guard case .neverQuiet = end else { return }
    // Its time is used up, so no later round waits again.
    secondsWaited[first.id] = wait.seconds
    outcome.neverQuiet += cases.map(\.id).filter { !outcome.neverQuiet.contains($0) }
  }

  private func take(_ samples: CaseRecord.ProcessSamples, of id: String, round: Int) {
    guard var assembly = assemblies[id] else { return }
    let peaks = probes(of: id)
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
    case .probed(let threads, let round, let flop, let samples, let precision):
      if let precision {
        precisionPeaks[precision]?.take(samples, flop: flop, threads: threads, round: round)
      } else {
        peaks.take(samples, flop: flop, threads: threads, round: round)
      }
    case .timed(let id, let round, let samples):
      guard requests[id] != nil, timedEarlier[round, default: []].insert(id).inserted else {
        return
      }
      take(samples, of: id, round: round)
    }
  }

  private func timed(_ request: CaseRequest) -> CaseRequest {
    request.warmed(seconds: plan.preset.warmupSeconds, cap: plan.preset.warmupCapSeconds)
  }

  /// Samples of a peak probe in a process of its own.
  func probe(_ request: CaseRequest) throws(Problem) -> (PreparedCase, [Double]) {
    let client = try start()
    defer { client.quit() }
    let prepared = try client.prepare(timed(request))
    let samples = try client.run(samples: 200, seconds: PeakProbes.seconds)
    return (prepared, samples.samplesNs)
  }

  func probed(
    threads: Int, round: Int, flop: Double, samplesNs: [Double], precision: CaseID.Precision?
  ) {
    finished(
      .probed(
        threads: threads, round: round, flop: flop, samplesNs: samplesNs, precision: precision))
  }

  /// The peaks of what a case multiplies.
  private func probes(of id: String) -> PeakProbes {
    CaseID(id)?.precision.flatMap { precisionPeaks[$0] } ?? peaks
  }

  // MARK: Outcome

  private func finish() {
    outcome.interrupted = cancel.isCancelled
    outcome.preemptionPercent = Disturbance.percent(
      of: assemblies.values.flatMap { $0.processes.flatMap(\.flags) }, with: .preempt)
    outcome.controlSpreadPercent = peaks.controlSpreadPercent
    let wasBusy = noise?.reading(preemptionPercent: outcome.preemptionPercent).isBusy ?? false
    for id in assemblies.keys {
      assemblies[id]?.bestSingleThreadRate = probes(of: id).bestRate(threads: 1)
      assemblies[id]?.machineWasBusy = wasBusy
    }
    outcome.records = plan.cases.compactMap { assemblies[$0.id]?.record() }
      .filter {
        !$0.processes.isEmpty || $0.isWrong || !$0.validity.reasons.contains("not measured")
      }
    let refused = outcome.failures.filter(\.error.isRefusal)
    // Where all was refused, as with a misspelt file, there was no measurement to record.
    if Set(outcome.records.map(\.id)).isSubset(of: unprepared.intersection(refused.map(\.caseID))) {
      outcome.records = []
    }
    let prepared = assemblies.mapValues(\.prepared)
    let all = [peaks] + CaseID.Precision.allCases.compactMap { precisionPeaks[$0] }
    outcome.peaks = all.flatMap { $0.records(with: outcome.records, prepared: prepared) }
  }

  private func fail(_ request: CaseRequest, _ error: Problem) {
    if error.kind == .interrupted { return }
    failed.insert(request.id)
    // What failed before it could say what it is stays in the record too.
    if assemblies[request.id] == nil {
      unprepared.insert(request.id)
      assemblies[request.id] = CaseAssembly(
        request: request, prepared: PreparedCase(unprepared: request),
        correctness: .init(status: .notChecked, maxError: nil))
    }
    assemblies[request.id]?.doubts.append(error.description)
    outcome.failures.append(.init(caseID: request.id, error: error))
  }

  private func start() throws(Problem) -> WorkerClient {
    let client = try WorkerClient(
      plan.launch, cancel: cancel, timeouts: plan.timeouts, meter: meter
    ) { [self] in
      if let told { waiting(told) }
    }
    outcome.libraries = client.greeting.libraries ?? outcome.libraries
    outcome.march = client.greeting.march ?? outcome.march
    return client
  }

  private func advance(_ seconds: Double) {
    done += 1
    secondsDone += seconds
  }

  private func report(_ phase: MeasurementProgress.Phase, _ request: CaseRequest) {
    let standing = MeasurementProgress(
      phase: phase, caseID: request.id, done: done, total: total,
      fraction: min(1, secondsDone / secondsTotal))
    told = standing
    progress(standing)
  }
}
