/// When one process of a case has given enough: its share of the budget is spent, or its interval
/// is narrow, unless the preset wants all of its time.
///
/// It looks at widths only, never at which side of anything a figure lies, so looking often does
/// not bias it.
struct StopRule {
  var kind: CaseRecord.Kind
  var preset: Preset
  /// Seconds of sampling of this process, without its warm-up.
  var share: Double

  /// Samples below which a narrow interval is not believed.
  private static let minimumForWidth = 64
  /// Samples asked for at once are meant to last this long, so that the rule is asked often.
  private static let sliceSeconds = 0.5

  /// What to ask for next, or nil when done; `elapsedSeconds` since sampling began.
  func next(
    after samples: [Double], elapsedSeconds: Double
  ) -> (samples: Int, seconds: Double)? {
    if samples.isEmpty { return (1, share) }
    let missing = minimumSamples - samples.count
    let left = share - elapsedSeconds
    if missing > 0 { return (missing, max(left, Self.sliceSeconds)) }
    if left <= 0 { return nil }
    if !preset.stopsEarly { return (1_000_000, min(left, Self.sliceSeconds)) }
    if isNarrow(samples) { return nil }
    let each = Quantile.median(of: samples) * 1e-9
    // A sample that would end beyond the share by more than half its length is not begun.
    if each > 2 * left { return nil }
    return (1_000_000, min(left, Self.sliceSeconds))
  }

  private var minimumSamples: Int {
    guard kind == .train else { return preset.minimumSamples }
    return (preset.minimumTrainingSteps + preset.processes - 1) / preset.processes
  }

  private func isNarrow(_ samples: [Double]) -> Bool {
    let enough =
      kind.isInference
      ? PercentileRule.minimumQueries(percentile: 0.99) : Self.minimumForWidth
    guard samples.count >= enough else { return false }
    guard let interval = Interval.blocks(samples, confidence: 0.95) else { return false }
    return interval.relativeHalfWidth <= preset.targetHalfWidth
  }
}
