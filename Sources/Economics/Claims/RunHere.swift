import Harness

/// A published run at the rates that this machine has measured: its counted work, each part by the
/// pass that it consists of.
package struct RunHere: Hashable, Sendable {
  package var run: PublishedRun
  /// Of all parts, or of those that were asked for.
  package var seconds: Estimate
  /// The passes whose rates were taken, each once.
  package var rates: [NetworkRate]
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
  ///   - orSustained: Whether the fastest training step stands in where a network was not measured.
  ///   - keeps: Which parts are counted.
  package init?(
    _ run: PublishedRun, on measurement: LocalMeasurement, orSustained: Bool = false,
    parts keeps: (PublishedRun.Part) -> Bool = { _ in true }
  ) {
    var seconds = Estimate(value: 0, ends: [0, 0])
    var rates: [NetworkRate] = []
    var terms: [String] = []
    var takesForward = false
    for part in run.parts where keeps(part) {
      guard
        let rate = Self.rate(of: part, measurement)
          ?? (orSustained ? measurement.sustained : nil)
      else { return nil }
      seconds = seconds + Estimate(part.flop, per: rate.flops)
      if !rates.contains(rate) { rates.append(rate) }
      if part.isTraining, rate.kind != .train { takesForward = true }
      terms.append(
        "\(Figure.text(part.flop)) FLOP ÷ \(Units.flopRate(gflops: rate.flops.perSecond / 1e9))")
    }
    guard !terms.isEmpty else { return nil }
    (self.run, self.seconds, self.rates) = (run, seconds, rates)
    (self.takesForward, way) = (takesForward, terms.joined(separator: " + "))
  }

  /// The pass that a part consists of; of training a forward pass where no step was measured.
  private static func rate(
    of part: PublishedRun.Part, _ measurement: LocalMeasurement
  ) -> NetworkRate? {
    let step =
      part.isTraining
      ? measurement.fastest(.train, of: part.network, sequence: part.sequence) : nil
    return step
      ?? measurement.fastest(
        .infer, of: part.network, sequence: part.sequence, batch: part.isTraining ? nil : queue)
  }

  /// Days of it.
  package var days: Estimate { seconds * (1 / 86_400) }

  /// What it costs at a price.
  package func usd(_ price: Price) -> Estimate { seconds * (price.usdPerHour / 3600) }

  /// `85 days`, or in years beyond two of them.
  package var time: String {
    days.value < 730
      ? "\(Units.number(days.value)) days" : "\(Units.number(days.value / 365.25)) years"
  }

  /// At which passes' rates, in words.
  package var basis: String {
    "at the rate of "
      + rates.map { "\($0.words) (\(Units.number($0.units.perSecond)) \($0.unit)s/s)" }
      .joined(separator: " and of ")
      + (takesForward ? ", backward passes as fast as forward ones" : "")
  }
}
