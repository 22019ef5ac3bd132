import Harness

/// What answers of networks for texts and games cost here, and charted runs at a sustained rate.
extension LocalMeasures {
  /// Tokens of an answer, as many as a page; no document says how many.
  private static let answerTokens = 500.0
  /// Layers of GPT-3 (Brown 2020, table 2.1).
  private static let layersOfGPT3 = 96.0
  /// Prices that are listed at most.
  private static let mostPrices = 4
  /// Whose prices are listed first: what writes an answer is what claims about these are of.
  private static let answering: [CaseRecord.Kind] = [.decode, .prefill, .infer]

  /// 10⁶ tokens or positions at this machine's price, in the precision that is the fastest, with
  /// float32's beside it; nothing where none were measured.
  func textCost() -> [LocalFinding] {
    guard let model else { return [] }
    var best: [String: NetworkRate] = [:]
    for rate in measurement.networks
    where rate.kind.isInference && ["token", "position"].contains(rate.unit)
      && !rate.network.hasSuffix("-layer")
    {
      let key = "\(rate.network) \(rate.kind.rawValue)"
      if (best[key]?.units.perSecond ?? 0) < rate.units.perSecond { best[key] = rate }
    }
    let rates = Self.answering.flatMap { kind in
      best.values.filter { $0.kind == kind }.sorted { $0.network < $1.network }
    }
    return rates.prefix(Self.mostPrices).map { rate in
      let usd = Estimate(1e6, per: rate.units) * (model.price.usdPerHour / 3600)
      let speed = Units.number(rate.units.perSecond)
      let accuracy = rate.accuracyStatus.map { "; \($0)" } ?? ""
      return LocalFinding(
        label: "10⁶ \(rate.unit)s by \(rate.words)", value: usd.value, unit: "USD",
        note: "a price of today says nothing of a decline; \(priceText)\(accuracy)"
          + inFloats(beside: rate, model),
        interval: usd.ends,
        formula: "10⁶ ÷ \(speed) \(rate.unit)s/s ÷ 3600 × "
          + "\(Figure.text(model.price.usdPerHour)) USD/h")
    }
  }

  /// What sequences of the same length cost in float32 by the fastest batch, a clause; empty for float32,
  /// and where none was measured.
  private func inFloats(beside low: NetworkRate, _ model: CostModel) -> String {
    let floats = measurement.networks.filter {
      $0.network == low.network && $0.kind == low.kind && $0.precision == nil
        && $0.sequence == low.sequence
    }
    guard low.precision != nil,
      let float = floats.max(by: { $0.units.perSecond < $1.units.perSecond })
    else { return "" }
    let usd = 1e6 / float.units.perSecond * model.price.usdPerHour / 3600
    return "; in float32, batch \(float.batch), \(Figure.text(usd)) USD"
  }

  /// How many such machines would answer as many searches a day as a claim speaks of.
  func answerRate(_ claim: Claim) -> [LocalFinding] {
    guard let searches = claim.numbers["searches_per_day"]?.value else { return [] }
    let label = "machines such as this for \(Figure.text(searches)) answers a day"
    guard let small = measurement.fastest(.decode, of: "gpt2") else {
      return [missing(label, "machines", "costcurve infer gpt2 --decode")]
    }
    var findings = [machines(label + " of gpt2", searches, small, layers: 1)]
    if let layer = measurement.fastest(.decode, of: "gpt3-layer") {
      findings.append(
        machines(label + " of GPT-3", searches, layer, layers: Self.layersOfGPT3))
    }
    return findings
  }

  private func machines(
    _ label: String, _ searches: Double, _ rate: NetworkRate, layers: Double
  ) -> LocalFinding {
    let tokens = Self.answerTokens
    let count = Estimate(searches * tokens * layers / 86_400, per: rate.units)
    let speed = "\(Units.number(rate.units.perSecond)) tokens/s"
    return LocalFinding(
      label: label, value: count.value, unit: "machines",
      note: "\(Figure.text(tokens)) tokens an answer are assumed; at the rate of \(rate.words)",
      isExtrapolated: true, interval: count.ends,
      formula: "\(Figure.text(searches)) × \(Figure.text(tokens))"
        + (layers == 1 ? "" : " × \(Figure.text(layers)) layers") + " ÷ (86 400 × \(speed))")
  }

  /// Charted runs by their counted work at the rate of their own network's step or, where that was not
  /// measured, at the most operations a second that a step executed, in the precision that is the
  /// fastest; nothing where no step was measured.
  func countedRuns() -> [LocalFinding] {
    let charted = published.values.filter(\.isCharted)
      .sorted { ($0.date, $0.id) < ($1.date, $1.id) }
    return charted.compactMap { run in
      RunHere.fastest(run, on: measurement).map { here in
        let chart = run.publishedPfsDays.map { ", \(Units.number($0)) charted" } ?? ""
        return LocalFinding(
          label: "\(run.title), at a sustained rate", value: here.days.value, unit: "days",
          note: "\(Units.number(run.pfsDays)) petaflop/s-days counted\(chart); by \(here.measured)",
          isExtrapolated: true, interval: here.days.ends, formula: here.way)
      }
    }
  }
}
