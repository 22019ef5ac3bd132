import Basics
import Economics
import Foundation
import Harness
import Reporter
import Workloads

/// The interleaved comparisons of `costcurve peers --versions`: one for each way of running a
/// software, of its releases with each other and with ours.
///
/// Not all at once: as many processes as there are releases stay in memory meanwhile. Ours takes
/// part in each comparison, so that releases of different software have one measure in common.
struct VersionRaces {
  var subject: WorkSubject
  var isTraining: Bool
  var batches: [Int]
  var threads: Int
  var environments: ReleaseEnvironments
  /// At least one.
  var releases: [ReleaseEnvironments.Release]
  var price: Price
  var measure: MeasureOptions
  var output: OutputOptions
  var cancel: CancelFlag

  /// All comparisons, and their record where the user wants it, also after an interruption.
  func run() throws -> ResultRecord {
    let own = try GreetedWorker(PeerSoftware.own)
    let claimed = try SoftwarePace.all()
    return try Interrupt.saving { try run(own, claimed) }
  }

  private func run(_ own: GreetedWorker, _ claimed: [SoftwarePace]) throws -> ResultRecord {
    let preset = try measure.preset()
    let wait = try measure.quietWait()
    let noise = NoiseMeter(before: output.lookAtMachine(waits: wait != nil))
    var settings: [String] = []
    for setting in releases.flatMap(\.settings) where !settings.contains(setting) {
      settings.append(setting)
    }
    var cases: [CaseRecord] = []
    var trends: [SoftwareTrend] = []
    var begun = 0
    for batch in batches where !cancel.isCancelled {
      let work = PeerWork(
        subject: subject, isTraining: isTraining, batch: batch, threads: threads,
        seed: measure.seed)
      let folder = try work.makeFolder()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let request = try work.prepared(in: folder, command: "costcurve peers --versions").request
      for setting in settings where !cancel.isCancelled {
        begun += 1
        output.note(
          "\(setting), batch \(batch), \(Units.count(threads, "thread")): "
            + "comparison \(begun) of \(batches.count * settings.count) …")
        output.waitForQuiet(wait)
        let (measured, trend) = try race(setting, work, request)
        cases += measured
        if let trend { trends.append(trend) }
      }
    }
    var record = ResultRecord(
      context: own.context(noise: noise, seed: measure.seed), cases: cases, kind: .race,
      extent: .init(
        preset: preset.name, processes: preset.processes, interrupted: cancel.isCancelled))
    record.softwareTrends = trends
    for name in PeerSoftware.unset { record.context.environment[name] = nil }
    record.setPrice(price)
    record = record.withholdingTheImpossible()
    let study = VersionStudy(record, claimed: claimed)
    try output.emit(
      study.document(onScreen: false), onScreen: study.document(onScreen: true), json: record,
      csv: CSVReport().text(Report(record: record)))
    return record
  }

  /// One comparison: ours first, then every release that can be run in this way.
  private func race(
    _ setting: String, _ work: PeerWork, _ request: CaseRequest
  ) throws -> (cases: [CaseRecord], trend: SoftwareTrend?) {
    let wanted = releases.filter { $0.settings.contains(setting) }
    var entrants: [(release: ReleaseEnvironments.Release, arm: Arm)] = []
    var outcomes: [String: CaseRecord] = [:]
    for release in wanted {
      let name = ReleaseEnvironments.name(of: release, in: setting)
      do throws(Problem) {
        entrants.append((release, try environments.arm(of: release, in: setting)))
      } catch {
        output.note("costcurve: \(name): \(error)")
        outcomes[name] = unmeasured(release, name, request, because: error)
      }
    }
    guard !entrants.isEmpty else {
      return (wanted.compactMap { outcome($0, setting, outcomes) }, nil)
    }
    let ours = Arm(
      name: "\(Engine.native.rawValue)-beside-\(setting)", launch: PeerSoftware.own,
      engine: Engine.native.rawValue)
    let seconds = isTraining ? (measure.quick ? 30.0 : 60) : (measure.quick ? 20 : 30)
    let runners = Race(
      [ours] + entrants.map(\.arm), request, processes: try measure.preset().processes,
      blocks: 1000, seconds: try measure.durationSeconds() ?? seconds, seed: measure.seed,
      cancel: cancel, meter: EnergyMeter()
    ).run()
    let direct = work.directPerImage(runners)
    for (entrant, runner) in zip(entrants, runners.dropFirst()) {
      if let failure = runner.failure { output.note("costcurve: \(runner.arm.name): \(failure)") }
      var record = runner.record(request: request, directPerImage: direct, own: nil)
      record.origin = entrant.release.origin
      outcomes[runner.arm.name] = record
    }
    let own = runners[0].record(request: request, directPerImage: direct, own: nil)
    return (
      [own] + wanted.compactMap { outcome($0, setting, outcomes) },
      trend(of: setting, request, Array(zip(entrants.map(\.release), runners.dropFirst())))
    )
  }

  private func outcome(
    _ release: ReleaseEnvironments.Release, _ setting: String, _ outcomes: [String: CaseRecord]
  ) -> CaseRecord? {
    outcomes[ReleaseEnvironments.name(of: release, in: setting)]
  }

  /// A release that was never started, with the reason why.
  private func unmeasured(
    _ release: ReleaseEnvironments.Release, _ name: String, _ request: CaseRequest,
    because problem: Problem
  ) -> CaseRecord {
    CaseRecord(
      id: CaseID.id(request.id, by: name), kind: request.kind ?? .infer, parameters: [:],
      algorithm: name, flop: .init(direct: 0, executed: 0),
      correctness: .init(status: .notChecked, maxError: nil),
      accuracy: .init(status: "not evaluated"), processes: [], statistics: nil, derived: .init(),
      validity: .init(ok: false, reasons: ["\(problem)"]), repeat: request.repeat,
      origin: release.origin)
  }

  /// What the releases that ran gain in a year; nil where fewer than two dates did.
  private func trend(
    of setting: String, _ request: CaseRequest,
    _ pairs: [(ReleaseEnvironments.Release, Race.Runner)]
  ) -> SoftwareTrend? {
    let dated = pairs.compactMap { release, runner -> Dated? in
      guard runner.failure == nil, !runner.differences.isEmpty, let day = Day(release.released)
      else { return nil }
      return Dated(release: release, day: day, logTimes: runner.differences)
    }
    guard let trend = ReleaseTrend(dated.map { (day: $0.day, logTimes: $0.logTimes) }) else {
      return nil
    }
    let (first, last) = (dated[trend.first].release, dated[trend.last].release)
    return SoftwareTrend(
      setting: setting, software: first.software, kind: request.kind ?? .infer,
      subject: CaseID.withoutEngine(request.id), releases: dated.count,
      first: (first.version, first.released), last: (last.version, last.released),
      yearlyFactor: trend.yearly.ratio, yearlyFactorCi95: trend.yearly.ratioInterval,
      gain: trend.gain.ratio, gainCi95: trend.gain.ratioInterval)
  }

  private struct Dated {
    var release: ReleaseEnvironments.Release
    var day: Day
    var logTimes: [[Double]]
  }
}
