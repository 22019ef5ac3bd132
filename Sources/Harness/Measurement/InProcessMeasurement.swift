import Basics

/// Times one case in this very process, where no fresh ones can be had: as a rank of a job.
///
/// Its interval rests on one process, and is provisional.
package struct InProcessMeasurement {
  private let request: CaseRequest
  private let preset: Preset
  private let cancel: CancelFlag
  private let meter: EnergyMeter?

  /// - Parameters:
  ///   - request: Of the case.
  ///   - preset: How much time there is; of its processes there is one.
  ///   - cancel: Ends the measurement with what it has.
  ///   - meter: Read before and after the samples; nil where nobody asks for energy.
  package init(
    _ request: CaseRequest, preset: Preset, cancel: CancelFlag, meter: EnergyMeter? = nil
  ) {
    (self.request, self.preset) = (request, preset.withProcesses(1))
    (self.cancel, self.meter) = (cancel, meter)
  }

  /// Warms the workload up, takes samples until there are enough, and makes the record.
  ///
  /// - Parameters:
  ///   - workload: Prepared and checked.
  ///   - correctness: What its check found; nothing is timed where that was wrong.
  ///   - warm: Called between warm-up and samples.
  ///   - isBroken: Whether the workload can go on no more; asked after each sample.
  /// - Returns: An outcome with one record, or none where it was stopped before the first sample.
  package func run(
    _ workload: any Workload, correctness: CaseRecord.Correctness, warm: () -> Void,
    isBroken: () -> Bool
  ) -> MeasurementOutcome {
    var outcome = MeasurementOutcome()
    var assembly = CaseAssembly(
      request: request, prepared: PreparedCase(workload), correctness: correctness)
    if correctness.status != .failed,
      let samples = sample(workload, warm: warm, isBroken: isBroken)
    {
      assembly.processes = [samples]
      outcome.preemptionPercent = Disturbance.percent(of: samples.flags, with: .preempt)
    }
    outcome.interrupted = cancel.isCancelled
    if !assembly.processes.isEmpty || correctness.status == .failed {
      outcome.records = [assembly.record()]
    }
    return outcome
  }

  private func sample(
    _ workload: any Workload, warm: () -> Void, isBroken: () -> Bool
  ) -> CaseRecord.ProcessSamples? {
    var settings = Sampler.Settings()
    settings.warmupSeconds = preset.warmupSeconds
    settings.warmupCapSeconds = preset.warmupCapSeconds
    settings.batchesCalls = !workload.kind.isNetwork
    let sampler = Sampler(workload, settings: settings)
    sampler.warmUp()
    warm()
    let rule = StopRule(
      kind: workload.kind, preset: preset, share: preset.budget(for: workload.kind))
    var (samples, flags): ([Double], [String]) = ([], [])
    meter?.begin()
    let begin = Clock.now()
    while !cancel.isCancelled, !isBroken(),
      let next = rule.next(after: samples, elapsedSeconds: Self.seconds(since: begin))
    {
      let turn = Clock.now()
      for _ in 0..<next.samples {
        let sample = sampler.sample()
        // A call that broke has done something else than the others.
        if isBroken() { break }
        samples.append(sample.nsPerCall)
        flags.append(sample.flags.label)
        meter?.look()
        if cancel.isCancelled || Self.seconds(since: turn) >= next.seconds { break }
      }
    }
    let tally = meter?.end()
    guard !samples.isEmpty else { return nil }
    var process = CaseRecord.ProcessSamples(
      samplesNs: samples, flags: flags, callsPerSample: sampler.callsPerSample,
      warmupNs: sampler.warmupNs, peakMemoryBytes: MachineReader.peakMemoryBytes(),
      phaseNs: workload.phaseNs)
    process.energy = tally?.energy
    return process
  }

  private static func seconds(since begin: UInt64) -> Double {
    Double(Clock.now() &- begin) * 1e-9
  }
}
