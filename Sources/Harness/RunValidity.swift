/// Whether a run found its machine as a measurement needs it, and what says that it did not.
///
/// It speaks of the run, not of a case: a case of a doubtful run can have given the right answer.
package struct RunValidity: Codable, Hashable, Sendable {
  package var ok: Bool
  /// The gravest first.
  package var doubts: [Doubt]

  package struct Doubt: Codable, Hashable, Sendable {
    /// What was found, as a sentence begins.
    package var what: String
    /// How much of it, with its unit.
    package var figure: String
    /// What to do about it, a sentence.
    package var remedy: String

    package init(_ what: String, figure: String, remedy: String) {
      (self.what, self.figure, self.remedy) = (what, figure, remedy)
    }

    /// All but the remedy, a sentence.
    package var sentence: String { "\(what): \(figure)." }
  }

  package init(doubts: [Doubt]) { (ok, self.doubts) = (doubts.isEmpty, doubts) }

  /// What a comparison could not establish: of the machine, and of each case that stays open.
  package init(of record: ComparisonRecord) {
    let noise = record.context.noise
    self.init(doubts: Self.ofMachine(noise) + Self.ofWaits(noise) + Self.ofVerdicts(record.cases))
  }

  /// What a record's own figures say of its run.
  package init(of record: ResultRecord) {
    self.init(
      doubts: Self.ofExtent(record) + Self.ofMachine(record.context.noise) + Self.ofPeaks(record)
        + Self.ofWaits(record.context.noise))
  }

  /// That a run was stopped before its end, and how much of it there is.
  private static func ofExtent(_ record: ResultRecord) -> [Doubt] {
    guard let extent = record.extent, extent.interrupted == true else { return [] }
    let measured = record.cases.filter { $0.statistics != nil }
    // The history keeps the medians of processes in place of their samples.
    let part = measured.count {
      ($0.processMediansNs?.count ?? $0.processes.count) < extent.processes
    }
    var figure = Units.count(measured.count, "case") + " measured"
    if let asked = extent.casesAsked {
      figure = "\(measured.count) of \(Units.count(asked, "case")) measured"
    }
    if part > 0 {
      figure += ", \(part) of them in fewer than \(Units.count(extent.processes, "process"))"
    }
    return [
      Doubt(
        "The run was stopped before its end", figure: figure,
        remedy: "Let it run to its end; 'costcurve run --resume' goes on with what 'costcurve run' "
          + "has begun.")
    ]
  }

  private static let stop =
    "Stop other work on this machine and repeat; --wait-for-quiet 10m waits for that."
  private static let elsewhere =
    "Repeat at another hour, or on a dedicated instance; --wait-for-quiet 10m waits for calm."

  /// What kept the machine busy while the run went on; empty on a quiet one.
  ///
  /// The run's own load is none of it: what waits or is preempted while others use next to nothing
  /// of the CPUs was so by our own threads.
  package static func ofMachine(_ noise: Context.NoiseRecord) -> [Doubt] {
    let others = above(Quietness.mostOthers, noise.otherProcessesPercent)
    let before = noise.before.map { " (before it \(Units.percent($0.othersPercent)))" } ?? ""
    let queue = others.flatMap { _ in noise.before?.runQueue }
    // Unknown others count as enough to be behind what waits.
    let hasOthers = noise.otherProcessesPercent.map { $0 >= Quietness.fewOthers } ?? true
    let preempted = hasOthers ? above(Quietness.mostPreempted, noise.preemptionPercent) : nil
    let pressure = hasOthers ? above(Quietness.mostPressure, noise.pressurePercent) : nil
    let steal = above(Quietness.mostSteal, noise.stealPercent)
    let spread = above(Quietness.mostControlSpread, noise.controlSpreadPercent)
    let found: [(what: String, figure: String?, remedy: String)] = [
      (
        "Other processes ran during the run",
        others.map { "\(Units.percent($0)) of the CPU time\(before)" }, stop
      ),
      (
        "Tasks of others ran or waited for a CPU before the run",
        queue.flatMap { $0 < 0.5 ? nil : "\(Units.number($0, digits: 2)) on average" }, stop
      ),
      (
        "The hypervisor ran other guests", steal.map { "\(Units.percent($0)) of the CPU time" },
        elsewhere
      ),
      (
        "Samples were interrupted by other processes", preempted.map { Units.percent($0) }, stop
      ),
      ("Work waited for a CPU", pressure.map { "\(Units.percent($0)) of the time" }, stop),
      (
        "The control workload, which never varies, took times whose middle half spans",
        spread.map { "\(Units.percent($0)) of the median" }, elsewhere
      ),
    ]
    return found.compactMap { what, figure, remedy in
      figure.map { Doubt(what, figure: $0, remedy: remedy) }
    }
  }

  private static func above(_ most: Double, _ percent: Double?) -> Double? {
    percent.flatMap { $0 > most ? $0 : nil }
  }

  private static func ofPeaks(_ record: ResultRecord) -> [Doubt] {
    record.peaks.filter(\.isDisturbed).map { peak in
      let best =
        peak.disturbedFmaGflops.map { Units.flopRate(gflops: $0) }
        ?? "\(Units.number(peak.disturbedRate ?? 0)) · 10⁹ operations/s"
      return Doubt(
        "The \(peak.precision?.rawValue ?? "FMA") peak on \(Units.count(peak.threads, "thread")) "
          + "could not be measured",
        figure: "the probe's best was \(best), "
          + "but its times varied, other cases did more, or other work ran beside it",
        remedy: stop)
    }
  }

  private static func ofVerdicts(_ cases: [ComparisonRecord.Case]) -> [Doubt] {
    let kinds: [(String, String, (ComparisonRecord.Case) -> Bool)] = [
      (
        "Arms gave wrong answers, so nothing was compared",
        "Run 'costcurve verify' with the arm at fault.", { $0.correctness == .failed }
      ),
      (
        "Cases were too unsteady to be judged", stop,
        { $0.correctness != .failed && $0.verdict == .unstable }
      ),
      (
        "There were too few rounds to decide some cases",
        "Leave out --quick, or give more --processes and --pairs.",
        { $0.correctness != .failed && $0.verdict == .inconclusive }
      ),
    ]
    return kinds.compactMap { what, remedy, isMeant in
      let found = cases.filter(isMeant)
      return found.first.map {
        Doubt(what, figure: "\(found.count) of \(cases.count), first \($0.id)", remedy: remedy)
      }
    }
  }

  private static func ofWaits(_ noise: Context.NoiseRecord) -> [Doubt] {
    guard let ids = noise.neverQuiet, let first = ids.first else { return [] }
    return [
      Doubt(
        "The machine never became quiet while cases waited for it",
        figure: "\(Units.count(ids.count, "case")), first \(first)",
        remedy: "Stop other work on this machine, or give --wait-for-quiet more time.")
    ]
  }
}

extension Context.NoiseRecord {
  /// Whether something else kept the machine busy.
  package var isBusy: Bool { !RunValidity.ofMachine(self).isEmpty }
}
