import Foundation

/// What a comparison says of B beside A.
package enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
  /// The whole interval lies beyond the margin: B takes longer.
  case slower = "SLOWER"
  /// The whole interval lies beyond the margin on the other side.
  case faster = "FASTER"
  /// The whole interval lies within the margin: equivalence, not a failure to differ.
  case same = "SAME"
  case inconclusive = "INCONCLUSIVE"
  /// The same code did not look the same, or the machine was too disturbed to judge.
  case unstable = "UNSTABLE"

  /// True of SLOWER and FASTER: that something differs.
  package var isClaim: Bool { self == .slower || self == .faster }
  /// True of INCONCLUSIVE and UNSTABLE: that it could not be told.
  package var isUndecided: Bool { self == .inconclusive || self == .unstable }
}

/// The smallest ratio that counts as a difference.
package enum Margin {
  /// DESIGN's default: 2 %, but 3 % for calls below 100 µs, for all cores at once, and end to end.
  ///
  /// - Parameters:
  ///   - kind: Of the case.
  ///   - threads: That a call keeps busy.
  ///   - nsPerCall: A call's length.
  ///   - cores: That this process may use.
  /// - Returns: A share, such as 0.02.
  package static func standard(
    kind: CaseRecord.Kind, threads: Int, nsPerCall: Double, cores: Int
  ) -> Double {
    let wide = kind.isNetwork || nsPerCall < 100_000 || (threads > 1 && threads >= cores)
    return wide ? 0.03 : 0.02
  }

  /// The margin in force: never below what the control itself moved in the past.
  ///
  /// - Parameters:
  ///   - margin: As asked for.
  ///   - pastControls: |ratio − 1| of the controls of recent sessions on this machine.
  /// - Returns: The margin, or the 95th percentile of at least 8 past controls where that is more.
  package static func effective(_ margin: Double, pastControls: [Double]) -> Double {
    guard pastControls.count >= 8 else { return margin }
    return max(margin, Quantile.quantile(0.95, of: Array(pastControls.suffix(20))))
  }
}

/// The rules that turn paired blocks into a verdict with its reason.
///
/// Pure: no clock, no machine.
package struct Judge: Hashable, Sendable {
  /// The smallest ratio that counts, such as 0.02.
  package var margin: Double
  package var confidence = 0.99
  /// True for one thread and calls of at most 5 ms, where undisturbed samples are common enough to
  /// ask for; elsewhere a sample without any interruption is the exception.
  package var asksForCleanPairs = false
  /// Steal above this share of the CPU time makes any verdict but SAME unstable, unless at least
  /// `fewestCleanPercent` of the pairs ran undisturbed.
  package var stealLimitPercent = 5.0
  /// Undisturbed pairs, in percent, from which on steal of any size says nothing against a verdict.
  package var fewestCleanPercent = 90.0

  package init(margin: Double, asksForCleanPairs: Bool = false) {
    precondition(margin > 0 && margin < 1, "margin \(margin)")
    (self.margin, self.asksForCleanPairs) = (margin, asksForCleanPairs)
  }

  /// A verdict with what it rests on.
  package struct Judgement: Hashable, Sendable {
    package var verdict: Verdict
    package var reason: String
    package var shift: Shift?
    package var control: Shift?
    package var controlVerdict: Verdict?
    package var cleanPercent: Double
    /// One-sided p value of B being no slower than the margin allows, over processes, or over the
    /// pairs of one.
    package var pSlower: Double
    /// True where the interval rests on one process.
    package var provisional: Bool
  }

  /// Judges all processes' blocks.
  ///
  /// - Parameters:
  ///   - processes: Each with its paired times.
  ///   - stealPercent: During the session; nil where unknown.
  /// - Returns: UNSTABLE before anything else but steal, then what the interval says.
  package func judge(_ processes: [PairedBlocks], stealPercent: Double? = nil) -> Judgement {
    let telling = processes.telling
    let shift = Shift(processes: telling.map(\.differences), confidence: confidence)
    let controls = telling.filter { !$0.control.isEmpty }.map(\.controlDifferences)
    let control = controls.isEmpty ? nil : Shift(processes: controls, confidence: confidence)
    let marks = processes.flatMap(\.clean)
    let clean = marks.isEmpty ? 0 : 100 * Double(marks.count { $0 }) / Double(marks.count)
    var judgement = Judgement(
      verdict: .inconclusive, reason: "", shift: shift, control: control,
      controlVerdict: control.map { side(of: $0) }, cleanPercent: clean,
      pSlower: pSlower(processes, shift: shift), provisional: shift?.pooling == nil)
    let settled =
      unstable(control: control, cleanPercent: clean)
      ?? fragile(processes, shift: shift)
      ?? doubtful(plain(shift), cleanPercent: clean, stealPercent: stealPercent)
    (judgement.verdict, judgement.reason) = settled
    return judgement
  }

  private func pSlower(_ processes: [PairedBlocks], shift: Shift?) -> Double {
    guard let shift else { return 1 }
    if let pooling = shift.pooling { return pooling.pValue(above: limit) }
    return SignedRank.pValue(processes.flatMap(\.differences), above: limit)
  }

  package var limit: Double { log1p(margin) }

  /// The verdict of an interval alone.
  package func side(of shift: Shift) -> Verdict {
    if shift.low > limit { return .slower }
    if shift.high < -limit { return .faster }
    if shift.low > -limit, shift.high < limit { return .same }
    return .inconclusive
  }

  // A control that is merely too wide says nothing against an arm whose own interval is narrow;
  // one that has moved does.
  private func unstable(control: Shift?, cleanPercent: Double) -> (Verdict, String)? {
    if let control {
      let excludesNothing = control.low > 0 || control.high < 0
      let moved = abs(control.estimate) > limit
      if moved || (excludesNothing && abs(control.estimate) > limit / 2) {
        return (
          .unstable,
          "the same code, run as its own control, came out \(Self.percent(control.estimate)) apart"
        )
      }
    }
    if asksForCleanPairs, cleanPercent < 50 {
      return (.unstable, "only \(Units.percent(cleanPercent)) of the pairs ran undisturbed")
    }
    return nil
  }

  // The estimate must not depend on whether disturbed pairs are counted.
  private func fragile(_ processes: [PairedBlocks], shift: Shift?) -> (Verdict, String)? {
    guard let shift,
      let all = Shift(processes: processes.map(\.allDifferences), confidence: confidence),
      abs(all.estimate - shift.estimate) > max(shift.halfWidth, all.halfWidth)
    else { return nil }
    return (
      .inconclusive,
      "without its disturbed pairs the difference is \(Self.percent(shift.estimate)), "
        + "with them \(Self.percent(all.estimate))"
    )
  }

  // Steal falls to arms that take turns alike and is in the width of the interval: it may feign a
  // difference, but an interval that lies within the margin does so in spite of it. What is taken
  // between turns disturbs no pair, and speaks against nothing.
  private func doubtful(
    _ plain: (Verdict, String), cleanPercent: Double, stealPercent: Double?
  ) -> (Verdict, String) {
    guard plain.0 != .same, cleanPercent < fewestCleanPercent, let stealPercent,
      stealPercent > stealLimitPercent
    else { return plain }
    return (.unstable, "the hypervisor took \(Units.percent(stealPercent)) of the CPU time")
  }

  private func plain(_ shift: Shift?) -> (Verdict, String) {
    guard let shift else { return (.inconclusive, "too few pairs for an interval") }
    let interval = "[\(Self.percent(shift.low)), \(Self.percent(shift.high))]"
    let bound = "±\(Units.percent(100 * margin))"
    switch side(of: shift) {
    case .slower: return (.slower, "the interval \(interval) lies above the margin of \(bound)")
    case .faster: return (.faster, "the interval \(interval) lies below the margin of \(bound)")
    case .same: return (.same, "the interval \(interval) lies within the margin of \(bound)")
    default:
      let advice =
        shift.halfWidth <= limit / 2
        ? "the difference is about as large as the margin" : "more processes or pairs would help"
      return (.inconclusive, "the interval \(interval) straddles the margin of \(bound): \(advice)")
    }
  }

  private static func percent(_ log: Double) -> String {
    String(format: "%+.1f %%", 100 * (exp(log) - 1))
  }
}
