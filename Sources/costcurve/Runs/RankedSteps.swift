import Basics
import Economics
import Formats
import Foundation
import Harness
import History
import Ranks
import Reporter
import Workloads

/// Timed steps that the ranks of a job share, measured in the very processes that mpirun has started.
struct RankedSteps {
  let ranked: RankedRun
  let options: RankOptions
  let measure: MeasureOptions
  let output: OutputOptions

  /// Checks, times and records a step; rank 0 prints it.
  ///
  /// - Parameters:
  ///   - request: Of one rank's part, as a process alone would measure it.
  ///   - price: Of one machine.
  /// - Throws: Bad input with its exit code; 7 for a wrong answer or weights that differ; 3 where
  ///   another rank hangs or has gone; 130.
  func run(_ request: CaseRequest, price: Price) throws {
    let group = ranked.group
    let request = shared(request)
    let (preset, store, workload) = try ranked.together {
      try options.records.prepare(rank: group.rank)
      let preset = try measure.preset()
      // Opened before anything is measured: a history that cannot be written is told at once.
      let store = try ranked.speaks && !measure.noSave ? measure.history.store() : nil
      let workload = try Catalogue.here().rankedStep(
        for: request, group: group, settings: options.settings)
      return (preset, store, workload)
    }
    let noise = NoiseMeter(before: ranked.speaks ? output.lookAtMachine(waits: false) : nil)
    let correctness = try workload.check()
    // From here on there is something to lose: rank 0 writes it after a signal, too, and the others
    // stay until it has.
    try Interrupt.saving {
      let outcome = try outcome(of: workload, request, correctness, preset)
      let price = price.times(group.places.machines)
      if outcome.interrupted {
        try write(outcome, workload, workload.ownAllReduce, noise, preset, price, store)
        guard workload.fault == nil else { throw Problem.interrupted }
        try group.barrier("the record")
        throw group.together(.interrupted, "")
      }
      if let fault = workload.fault { throw fault }
      try workload.refuseDifferentWeights()
      let allReduce = try workload.allReduce()
      try write(outcome, workload, allReduce, noise, preset, price, store)
    }
    // A wrong answer has been written with its reason; all ranks know of it.
    guard correctness.status != .failed else { throw group.together(.wrongAnswer, "") }
  }

  /// Leads the steps as rank 0, or follows it.
  ///
  /// - Returns: What was measured, of rank 0; of the others whether it was interrupted.
  /// - Throws: What a step has come upon, on a rank that follows.
  private func outcome(
    of workload: RankedTrainWorkload, _ request: CaseRequest,
    _ correctness: CaseRecord.Correctness, _ preset: Preset
  ) throws(Problem) -> MeasurementOutcome {
    guard ranked.speaks else {
      var outcome = MeasurementOutcome()
      outcome.interrupted = try workload.follow()
      return outcome
    }
    let measurement = InProcessMeasurement(
      request, preset: preset, cancel: Interrupt.cancelFlag(), meter: meter)
    let outcome = measurement.run(
      workload, correctness: correctness,
      warm: {
        workload.forgetTimes()
        output.note("costcurve: timing steps; an interruption keeps those already taken.")
      },
      isBroken: { workload.fault != nil })
    workload.end(isInterrupted: outcome.interrupted)
    return outcome
  }

  /// Writes this rank's record, where one is asked for, and that of the job.
  private func write(
    _ outcome: MeasurementOutcome, _ workload: RankedTrainWorkload,
    _ allReduce: CaseRecord.AllReduce, _ noise: NoiseMeter, _ preset: Preset, _ price: Price,
    _ store: Store?
  ) throws {
    let group = ranked.group
    if let file = options.records.file(of: group.rank) {
      let own = RankRecord(
        rank: group.rank, host: group.places.all[group.rank].host, caseID: workload.id,
        samplesNs: ranked.speaks
          ? outcome.records.first?.processes.first?.samplesNs ?? [] : workload.followedNs,
        phaseNs: workload.phaseNs, cpu: MachineReader.machine().cpu,
        cpus: MachineReader.availableThreads)
      try AtomicFile.write(Data(RecordJSON.text(own).utf8), to: file)
    }
    guard ranked.speaks, !outcome.records.isEmpty else { return }
    try write(outcome, allReduce, noise, preset, price, store)
  }

  /// What reads the energy of all ranks, which only one machine's counters can.
  private var meter: EnergyMeter {
    let machines = ranked.group.places.machines
    guard machines > 1 else { return EnergyMeter() }
    return EnergyMeter(
      unmeasurable: "the ranks ran on \(machines) machines, each with its own counters")
  }

  /// The record of the whole job.
  private func write(
    _ outcome: MeasurementOutcome, _ allReduce: CaseRecord.AllReduce, _ noise: NoiseMeter,
    _ preset: Preset, _ price: Price, _ store: Store?
  ) throws {
    var outcome = outcome
    outcome.libraries = [LoadedLibrary.cblas].compactMap(\.self)
    var record = ResultRecord(
      context: ContextReader.context(noise: noise, outcome: outcome, seed: measure.seed),
      cases: outcome.records,
      extent: .init(
        preset: preset.name, processes: 1, interrupted: outcome.interrupted, casesAsked: 1))
    for index in record.cases.indices where record.cases[index].statistics != nil {
      record.cases[index].derived.allReduce = allReduce
    }
    record = record.withholdingTheImpossible()
    record.setPrice(price)
    let number = try store?.add(record, command: "train")
    let kept = number.map {
      "'costcurve history show \($0) --full' prints all of it; --format csv, json, markdown or "
        + "html writes it."
    }
    let stepMs = record.cases.first?.statistics.map { 1e-6 * $0.medianNs }
    try output.emit(
      Report(measured: record),
      rest: allReduce.sentence(ofStepOf: stepMs) + "\n" + (kept ?? OutputOptions.rest))
  }

  /// The request with the command line that repeats the whole job.
  private func shared(_ request: CaseRequest) -> CaseRequest {
    var shared = request
    let count = ranked.group.count
    shared.repeat = "mpirun -np \(count) \(request.repeat) --ranks \(count)\(options.repeated)"
    return shared
  }
}

/// What one rank leaves of timed steps.
struct RankRecord: Encodable {
  var schema = "costcurve.rank"
  var schemaVersion = 1
  var rank: Int
  var host: String
  var caseID: String
  /// Nanoseconds of each step, as this rank took it.
  var samplesNs: [Double]
  /// Nanoseconds of all steps in each phase, warm-up included.
  var phaseNs: [String: Double]
  var cpu: String
  /// CPUs that the rank may use.
  var cpus: Int
}
