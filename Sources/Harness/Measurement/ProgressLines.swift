/// What a measurement says of itself where nobody watches a bar: a line now and then, as in a CI log.
package struct ProgressLines {
  /// Seconds between lines, and before the first.
  private let interval: Double
  private var due: Double

  package init(interval: Double = 30) { (self.interval, due) = (interval, interval) }

  /// The line that is due, or nil where the last one is recent.
  ///
  /// - Parameters:
  ///   - progress: Where the measurement stands.
  ///   - elapsed: Seconds since it began.
  ///   - isWithinStep: Whether the step goes on, so that the share that is done is behind the time
  ///     and tells nothing of the rest.
  /// - Returns: What is done and what is left: `37 % done (45 of 120) after 2 min 3 s, about …`.
  package mutating func line(
    _ progress: MeasurementProgress, elapsed: Double, isWithinStep: Bool = false
  ) -> String? {
    guard elapsed >= due else { return nil }
    due = elapsed + interval
    let percent = Int((progress.fraction * 100).rounded(.down))
    var text = "\(percent) % done (\(progress.done) of \(progress.total)) after "
    text += Self.duration(elapsed)
    if !isWithinStep, let left = Self.secondsLeft(progress.fraction, elapsed: elapsed) {
      text += ", about \(Self.duration(left)) left"
    }
    return text + "; \(progress.phase.rawValue) \(progress.caseID)"
  }

  /// Seconds that are left if the rest goes on like the part that is done; nil while that is too
  /// little to tell.
  package static func secondsLeft(_ fraction: Double, elapsed: Double) -> Double? {
    fraction > 0.03 ? elapsed / fraction * (1 - fraction) : nil
  }

  /// Whole seconds: `45 s`, `3 min 24 s`.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds)
    return whole >= 60 ? "\(whole / 60) min \(whole % 60) s" : "\(whole) s"
  }
}
