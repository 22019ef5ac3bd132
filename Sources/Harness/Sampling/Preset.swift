/// How much time a measurement may take, and over how many processes.
package struct Preset: Hashable, Sendable {
  package var name: String
  /// Fresh processes per case.
  package var processes: Int
  /// Seconds per case over all processes, by kind.
  package var budgetSeconds: [CaseRecord.Kind: Double]
  /// Samples that a process takes even when its share of the budget is spent.
  package var minimumSamples: Int
  /// The least number of training steps over all processes.
  package var minimumTrainingSteps: Int
  /// A process stops early once its interval's relative half-width is below this.
  package var targetHalfWidth: Double
  package var warmupSeconds: Double
  package var warmupCapSeconds: Double
  /// Seconds that a whole `run` may take; what is planned is scaled down to fit.
  package var wholeRunSeconds: Double
  /// Whether a process ends before its time once its interval is narrow.
  package var stopsEarly = true

  /// One process a case; a look in minutes, its intervals provisional.
  package static let quick = Preset(
    name: "quick", processes: 1,
    budgetSeconds: [
      .peak: 0.5, .gemm: 0.6, .conv: 0.6, .infer: 15, .prefill: 15, .decode: 15, .train: 40,
    ],
    minimumSamples: 3, minimumTrainingSteps: 4, targetHalfWidth: 0.005, warmupSeconds: 0.05,
    warmupCapSeconds: 0.3,
    // Of the five minutes the rest is calibration, and checks of networks, which take seconds.
    wholeRunSeconds: 245)

  package static let standard = Preset(
    name: "default", processes: 5,
    budgetSeconds: [
      .peak: 2, .gemm: 2, .conv: 2, .infer: 30, .prefill: 30, .decode: 30, .train: 100,
    ],
    minimumSamples: 2, minimumTrainingSteps: 5, targetHalfWidth: 0.005, warmupSeconds: 0.1,
    warmupCapSeconds: 0.5, wholeRunSeconds: 870)

  /// Ten processes a case.
  ///
  /// Intervals rest on differences between processes, so these are where the time goes.
  package static let rigorous = Preset(
    name: "rigorous", processes: 10,
    budgetSeconds: [
      .peak: 3, .gemm: 2, .conv: 2, .infer: 40, .prefill: 40, .decode: 40, .train: 100,
    ],
    minimumSamples: 2, minimumTrainingSteps: 20, targetHalfWidth: 0.002, warmupSeconds: 0.25,
    warmupCapSeconds: 1, wholeRunSeconds: 5300)

  /// A sample or two a case: whether everything works and answers right, not how fast it is.
  package static let smoke = Preset(
    name: "smoke", processes: 1,
    budgetSeconds: [
      .peak: 0.02, .gemm: 0.01, .conv: 0.01, .infer: 0.1, .prefill: 0.1, .decode: 0.1, .train: 0.1,
    ],
    minimumSamples: 1, minimumTrainingSteps: 1, targetHalfWidth: 1, warmupSeconds: 0,
    warmupCapSeconds: 0.01, wholeRunSeconds: 285)

  /// The preset with another budget for every kind but peaks, as `--duration` asks.
  package func withDuration(_ seconds: Double) -> Preset {
    var preset = self
    for kind in CaseRecord.Kind.allCases where kind != .peak {
      preset.budgetSeconds[kind] = seconds
    }
    preset.wholeRunSeconds = .infinity
    return preset
  }

  package func withProcesses(_ count: Int) -> Preset {
    precondition(count >= 1, "\(count) processes")
    var preset = self
    preset.processes = count
    return preset
  }

  /// Seconds that a process takes to start and to pack its operands, or the check of a case takes.
  package static let startSeconds = 0.35

  /// Seconds of one process of a case beside its sampling.
  package var overheadSeconds: Double { Self.startSeconds + warmupSeconds }

  /// Seconds of sampling of one case over all processes.
  package func budget(for kind: CaseRecord.Kind) -> Double { budgetSeconds[kind] ?? 1 }

  /// The preset with budgets scaled down so that these cases fit the whole run's time.
  ///
  /// - Parameter kinds: The kind of each case that will run.
  /// - Returns: This preset where they fit as they are.
  package func fitted(to kinds: [CaseRecord.Kind]) -> Preset {
    let overhead =
      Double(kinds.count) * (Self.startSeconds + Double(processes) * overheadSeconds)
    let wanted = kinds.reduce(0) { $0 + budget(for: $1) }
    let available = max(wholeRunSeconds - overhead, 0.25 * wholeRunSeconds)
    guard wanted > available, wanted > 0 else { return self }
    var preset = self
    preset.budgetSeconds = budgetSeconds.mapValues { $0 * available / wanted }
    return preset
  }
}
