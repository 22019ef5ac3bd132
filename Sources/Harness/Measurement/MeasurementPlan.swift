import Basics

/// What to measure, and how thoroughly.
package struct MeasurementPlan: Sendable {
  package var cases: [CaseRequest]
  /// The FMA probe of each thread count.
  ///
  /// Those that the cases need run in every round.
  package var peaks: [Int: CaseRequest] = [:]
  /// The probe of each lower precision at each thread count, which its cases are held against.
  package var precisionPeaks: [CaseID.Precision: [Int: CaseRequest]] = [:]
  package var preset: Preset
  /// Fixes the order of cases in every round.
  package var seed: UInt64 = 1
  package var launch: WorkerLaunch
  package var timeouts = WorkerClient.Timeouts()
  /// How long each case waits for a quiet machine; nil where none waits.
  package var wait: QuietWait?

  package init(cases: [CaseRequest], preset: Preset, launch: WorkerLaunch = .own) {
    (self.cases, self.preset, self.launch) = (cases, preset, launch)
  }
}

/// Where a measurement stands, for a progress bar.
package struct MeasurementProgress: Hashable, Sendable {
  package enum Phase: String, Sendable {
    case checking, timing, confirming, waiting, tuning, calibrating, predicting
  }
  package var phase: Phase
  package var caseID: String
  /// Steps done and in all; a step is one case in one process, or one check, of a comparison a case.
  package var done: Int
  package var total: Int
  /// Between 0 and 1, by the seconds that steps are given rather than by their number.
  package var fraction: Double

  package init(phase: Phase, caseID: String, done: Int, total: Int, fraction: Double) {
    (self.phase, self.caseID, self.done, self.total) = (phase, caseID, done, total)
    self.fraction = fraction
  }
}

/// What a measurement gave, also where it was interrupted.
package struct MeasurementOutcome: Sendable {
  /// A case that could not be measured, and why.
  package struct Failure: Sendable {
    package var caseID: String
    package var error: Problem
  }

  /// In the order of the plan, the failed among them; cases that were not reached are left out.
  ///
  /// Empty where every case was refused before it was prepared.
  package var records: [CaseRecord] = []
  package var peaks: [ResultRecord.Peak] = []
  package var failures: [Failure] = []
  package var interrupted = false
  /// Libraries that the workers really loaded.
  package var libraries: [Context.Library] = []
  /// Instruction set that the workers were built for.
  package var march: String?
  /// Share of samples during which the process was preempted, in percent.
  package var preemptionPercent: Double?
  /// Relative interquartile range of the one-thread FMA probe, in percent.
  package var controlSpreadPercent: Double?
  /// Ids of the cases that were timed though the machine was not quiet for as long as they waited.
  package var neverQuiet: [String] = []

  package init() {}

  /// What the outcome ends with: an interruption, a wrong answer, or the first failure; nil where
  /// all is well.
  package var problem: Problem.Kind? {
    if interrupted { return .interrupted }
    if records.contains(where: { $0.isWrong || $0.isImpossible }) { return .wrongAnswer }
    if let first = failures.first { return first.error.kind }
    return records.isEmpty ? .caseFailed : nil
  }
}

extension CaseRecord {
  /// Whether the answer was compared with the oracle and found wrong.
  package var isWrong: Bool { correctness.status == .failed }

  /// Whether the rate lies above what the machine can do.
  package var isImpossible: Bool {
    validity.reasons.contains { $0.hasPrefix(CaseAssembly.impossiblePrefix) }
  }
}
