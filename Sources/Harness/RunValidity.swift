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
      doubts: Self.ofMachine(record.context.noise) + Self.ofPeaks(record)
        + Self.ofWaits(record.context.noise))
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
    var doubts: [Doubt] = []
    if let percent = noise.otherProcessesPercent, percent > Quietness.mostOthers {
      let before = noise.before.map { " (before it \(Units.percent($0.othersPercent)))" } ?? ""
      doubts.append(
        Doubt(
          "Other processes ran during the run",
          figure: "\(Units.percent(percent)) of the CPU time\(before)", remedy: stop))
      if let queue = noise.before?.runQueue, queue >= 0.5 {
        doubts.append(
          Doubt(
            "Tasks of others ran or waited for a CPU before the run",
            figure: "\(Units.number(queue, digits: 2)) on average", remedy: stop))
      }
    }
    if let percent = noise.stealPercent, percent > Quietness.mostSteal {
      doubts.append(
        Doubt(
          "The hypervisor ran other guests", figure: "\(Units.percent(percent)) of the CPU time",
          remedy: elsewhere))
    }
    if let percent = noise.preemptedByOthers {
      doubts.append(
        Doubt(
          "Samples were interrupted by other processes", figure: Units.percent(percent),
          remedy: stop))
    }
    if let percent = noise.pressureOfOthers {
      doubts.append(
        Doubt(
          "Work waited for a CPU", figure: "\(Units.percent(percent)) of the time", remedy: stop))
    }
    if let percent = noise.controlSpreadPercent, percent > Quietness.mostControlSpread {
      doubts.append(
        Doubt(
          "The control workload, which never varies, took times whose middle half spans",
          figure: "\(Units.percent(percent)) of the median", remedy: elsewhere))
    }
    return doubts
  }

  private static func ofPeaks(_ record: ResultRecord) -> [Doubt] {
    record.peaks.filter(\.isDisturbed).map { peak in
      Doubt(
        "The FMA peak on \(Units.count(peak.threads, "thread")) could not be measured",
        figure: "the probe's best was \(Units.flopRate(gflops: peak.disturbedFmaGflops ?? 0)), "
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
        "Cases were too unsteady to be told", stop,
        { $0.correctness != .failed && $0.verdict == .unstable }
      ),
      (
        "Cases could not be told apart by so few rounds",
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

  /// Percent of the samples that others preempted, where they are many.
  package var preemptedByOthers: Double? {
    preemptionPercent.flatMap { $0 > Quietness.mostPreempted && hasOthers ? $0 : nil }
  }

  /// Percent of the time in which work waited because of others, where it is much.
  package var pressureOfOthers: Double? {
    pressurePercent.flatMap { $0 > Quietness.mostPressure && hasOthers ? $0 : nil }
  }

  /// Whether others used enough of the CPUs to be behind what waits; unknown counts as so.
  private var hasOthers: Bool { otherProcessesPercent.map { $0 >= Quietness.fewOthers } ?? true }
}
