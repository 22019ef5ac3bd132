import Harness

/// A published run at the rates that this machine has measured: its counted work, each part by the
/// pass that it consists of.
package struct RunHere: Hashable, Sendable {
  /// A measured pass at whose rate a part is taken.
  package struct Pass: Hashable, Sendable {
    package var rate: NetworkRate
    /// Whether it stands in for a network that was not measured.
    package var standsIn = false

    /// Operations a second; of a pass that stands in, those that it executes, without an interval, as
    /// its own tells nothing of another network.
    var flops: LocalMeasurement.Rate {
      guard standsIn, let executed = rate.executed else { return rate.flops }
      return .init(perSecond: executed)
    }

    /// `bert-large's training step, batch 8, 128 tokens`.
    package var words: String { rate.words + (standsIn ? ", executed operations" : "") }

    /// `512-token parts at the rate of 128`; nil where the lengths are one, or where it stands in.
    func length(for part: PublishedRun.Part) -> String? {
      guard !standsIn, let asked = part.sequence, let measured = rate.sequence, asked != measured
      else { return nil }
      return "\(asked)-token parts at the rate of \(measured)"
    }
  }

  package var run: PublishedRun
  /// What the layers of every pass multiply; nil for float32.
  package var precision: CaseID.Precision?
  /// Of all parts, or of those that were asked for.
  package var seconds: Estimate
  /// The passes whose rates were taken, each once.
  package var passes: [Pass]
  /// `512-token parts at the rate of 128`, each once, where no pass of a part's length was measured.
  package var lengths: [String]
  /// Whether backward passes were taken at the rate of a forward one.
  package var takesForward: Bool
  /// `4.4×10¹⁷ FLOP ÷ 150 GFLOP/s`, a term a part.
  package var way: String

  /// Positions that self-play judges side by side (Silver 2017, Methods: a queue of 8).
  private static let queue = 8

  /// Takes a run at measured rates; nil where a part has none.
  ///
  /// - Parameters:
  ///   - run: What is published.
  ///   - measurement: What was measured here.
  ///   - precision: In which every part is taken; nil for float32.
  ///   - orSustained: Whether the training step that executes the most operations a second stands in
  ///     where a network was not measured.
  ///   - keeps: Which parts are counted.
  package init?(
    _ run: PublishedRun, on measurement: LocalMeasurement,
    in precision: CaseID.Precision? = nil, orSustained: Bool = false,
    parts keeps: (PublishedRun.Part) -> Bool = { _ in true }
  ) {
    var seconds = Estimate(value: 0, ends: [0, 0])
    var passes: [Pass] = []
    var (terms, lengths): ([String], [String]) = ([], [])
    var takesForward = false
    for part in run.parts where keeps(part) {
      let standIn = orSustained ? measurement.sustained(in: precision) : nil
      guard
        let pass = Self.rate(of: part, measurement, precision).map({ Pass(rate: $0) })
          ?? standIn.map({ Pass(rate: $0, standsIn: true) })
      else { return nil }
      seconds = seconds + Estimate(part.flop, per: pass.flops)
      if !passes.contains(pass) { passes.append(pass) }
      if let length = pass.length(for: part), !lengths.contains(length) { lengths.append(length) }
      if part.isTraining, pass.rate.kind != .train { takesForward = true }
      terms.append(
        "\(Figure.text(part.flop)) FLOP ÷ \(Units.flopRate(gflops: pass.flops.perSecond / 1e9))")
    }
    guard !terms.isEmpty else { return nil }
    (self.run, self.precision) = (run, precision)
    (self.seconds, self.passes) = (seconds, passes)
    (self.lengths, self.takesForward) = (lengths, takesForward)
    way = terms.joined(separator: " + ")
  }

  /// The pass that a part consists of; of training a forward pass where no step was measured, in
  /// whatever precision: one in another tells more than a forward pass in this.
  private static func rate(
    of part: PublishedRun.Part, _ measurement: LocalMeasurement, _ precision: CaseID.Precision?
  ) -> NetworkRate? {
    if part.isTraining {
      let step = measurement.fastest(
        .train, of: part.network, in: precision, sequence: part.sequence)
      let hasStep = measurement.networks.contains {
        $0.kind == .train && $0.network == part.network
      }
      if step != nil || hasStep { return step }
    }
    return measurement.fastest(
      .infer, of: part.network, in: precision, sequence: part.sequence,
      batch: part.isTraining ? nil : queue)
  }

  /// Lower precision, whose price stands first, and float32 as nil.
  static var precisions: [CaseID.Precision?] {
    CaseID.Precision.allCases.map(Optional.some) + [nil]
  }

  /// Takes a run in the precision in which it takes least time here: of those whose own passes were
  /// measured or, where none were, of those in which a step stands in.
  ///
  /// - Parameters:
  ///   - run: What is published.
  ///   - measurement: What was measured here.
  /// - Returns: Nil where no step was measured.
  package static func fastest(
    _ run: PublishedRun, on measurement: LocalMeasurement
  ) -> RunHere? {
    precisions.compactMap { RunHere(run, on: measurement, in: $0, orSustained: true) }
      .min { ($0.standing, $0.seconds.value) < ($1.standing, $1.seconds.value) }
  }

  /// 0 where all of it goes by its own passes, 1 where some of it does, 2 where another's stands in
  /// for all.
  private var standing: Int {
    passes.allSatisfy(\.standsIn) ? 2 : passes.contains(where: \.standsIn) ? 1 : 0
  }

  /// Days of it.
  package var days: Estimate { seconds * (1 / 86_400) }

  /// What it costs at a price.
  package func usd(_ price: Price) -> Estimate { seconds * (price.usdPerHour / 3600) }

  /// Whether it and another run are taken at the rate of one pass and no other.
  package func sharesRate(with other: RunHere) -> Bool {
    passes.count == 1 && passes == other.passes
  }

  /// Its time over that of another run.
  ///
  /// A rate that is above and below cancels, and its interval with it.
  package func ratio(to other: RunHere) -> Estimate {
    guard sharesRate(with: other) else { return seconds / other.seconds }
    return Estimate(value: seconds.value / other.seconds.value)
  }

  /// `85 days`, or in years beyond two of them.
  package var time: String {
    days.value < 730
      ? "\(Units.number(days.value)) days" : "\(Units.number(days.value / 365.25)) years"
  }

  /// What is known of the accuracy in lower precision, each clause once.
  private var accuracyStatuses: [String] {
    var clauses: [String] = []
    for clause in passes.compactMap(\.rate.accuracyStatus) where !clauses.contains(clause) {
      clauses.append(clause)
    }
    return clauses
  }

  /// The passes in words, which parts have another length, and what is known of the accuracy in lower
  /// precision.
  package var measured: String {
    ([passes.map(\.words).joined(separator: " and ")] + lengths + accuracyStatuses)
      .joined(separator: ", ")
  }

  /// At which passes' rates, in words.
  package var basis: String {
    let rates = passes.map { pass in
      "\(pass.words) (\(Units.number(pass.rate.units.perSecond)) \(pass.rate.unit)s/s)"
    }
    let forward = takesForward ? ["backward passes as fast as forward ones"] : []
    return "at the rate of "
      + ([rates.joined(separator: " and of ")] + lengths + forward + accuracyStatuses)
      .joined(separator: ", ")
  }
}
