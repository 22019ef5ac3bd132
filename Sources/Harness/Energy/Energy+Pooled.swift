extension Energy {
  /// Seconds below which a measurement is not believed.
  static let shortestSeconds = 1.0
  /// Share of the time by which counters may be late at the ends of all windows.
  static let mostLateness = 0.01

  /// What the processes of a case took together.
  ///
  /// Counters move every millisecond, so together they need a second, and windows that are not so
  /// short that the millisecond at each end matters.
  ///
  /// - Parameter processes: Of the same counters.
  /// - Returns: Unmeasurable where one of them is, or all are too short; nil of none.
  package static func pooled(_ processes: [Energy]) -> Energy? {
    var whole: Measured?
    for process in processes {
      guard let next = process.measured else { return process }
      whole = whole?.adding(next) ?? next
    }
    guard let whole else { return nil }
    guard whole.seconds >= shortestSeconds else {
      return .unmeasurable(
        "too short: \(Units.duration(whole.seconds)), and counters that move every millisecond "
          + "need \(Units.duration(shortestSeconds)); --duration gives more time")
    }
    let late = 2 * EnergyTally.latestSeconds * Double(whole.windows)
    guard late <= mostLateness * whole.seconds else {
      let each = Units.duration(whole.seconds / Double(whole.windows))
      return .unmeasurable(
        "too short: turns of \(each) each, and counters that move every millisecond need "
          + Units.duration(2 * EnergyTally.latestSeconds / mostLateness))
    }
    return .measured(whole)
  }
}

extension CaseRecord.Derived {
  /// Fills in the joules of an item where energy was measured.
  ///
  /// Of each process the power times its median time of an item; then the geometric mean, with
  /// Student's t over the processes.
  ///
  /// - Parameters:
  ///   - energy: Of the case.
  ///   - processes: Of the case.
  ///   - count: Items of one call; nil of what handles none.
  mutating func setEnergy(
    _ energy: Energy?, of processes: [CaseRecord.ProcessSamples], itemsPerCall count: Int?
  ) {
    guard energy?.measured != nil, let count, count > 0 else { return }
    let each = processes.compactMap { process -> Double? in
      guard let own = process.energy?.measured, !process.samplesNs.isEmpty else { return nil }
      return own.watts * 1e-9 * Quantile.median(of: process.samplesNs) / Double(count)
    }
    guard !each.isEmpty else { return }
    joulesPerItem = Summary.geometricMean(each)
    joulesPerItemCi95 = Interval.geometric(each, confidence: 0.95).map { [$0.low, $0.high] }
  }
}
