import Harness

/// Published trainings at this machine's rates, each beside the claim that names it.
///
/// Costs are told in each precision that was measured. Ratios of two runs and shares of one are of
/// float32 alone, so that none is that of two precisions.
extension LocalMeasures {
  /// A run by its id at this machine's rates in float32; nil where a part's network was not measured.
  private func here(
    _ id: String, parts keeps: (PublishedRun.Part) -> Bool = { _ in true }
  ) -> RunHere? {
    published[id].flatMap { RunHere($0, on: measurement, parts: keeps) }
  }

  /// A run in each precision in which its networks were measured, in lower precision first.
  private func inEach(_ id: String) -> [RunHere] {
    guard let run = published[id] else { return [] }
    return RunHere.precisions.compactMap { RunHere(run, on: measurement, in: $0) }
  }

  /// ` in bf16`; empty for float32 where nothing else was measured.
  private func precision(of here: RunHere, among runs: [RunHere]) -> String {
    here.precision.map { " in \($0.rawValue)" } ?? (runs.count > 1 ? " in float32" : "")
  }

  /// What a run would cost here in each precision.
  private func costs(
    _ runs: [RunHere], label: String, against claim: Claim? = nil, note: String = ""
  ) -> [LocalFinding] {
    runs.map { here in
      cost(
        here, label: label + precision(of: here, among: runs), against: claim, note: note)
    }
  }

  private func fact(_ name: String) -> Double? {
    guard let table = try? records.table("facts"),
      let row = table.rows.indices.first(where: { table.text($0, "name") == name })
    else { return nil }
    return table.number(row, "value")
  }

  /// What a run would cost here or, without a price, how long it would take.
  private func cost(
    _ here: RunHere, label: String, against claim: Claim? = nil, note: String = ""
  ) -> LocalFinding {
    var notes = [here.time, here.basis]
    if !note.isEmpty { notes.append(note) }
    guard let model else {
      let years = here.days * (1 / 365.25)
      return LocalFinding(
        label: label, value: years.value, unit: "years",
        note: notes.dropFirst().joined(separator: "; "), isExtrapolated: true,
        interval: years.ends, formula: here.way)
    }
    let usd = here.usd(model.price)
    if let claimed = claim?.numbers["usd"]?.value {
      let times = Units.ratio(usd.value / claimed)
      notes.append("\(times) the \(Figure.text(claimed)) USD of the claim")
    }
    return LocalFinding(
      label: label, value: usd.value, unit: "USD",
      note: (notes + [priceText]).joined(separator: "; "), isExtrapolated: true,
      interval: usd.ends,
      formula: "(\(here.way)) ÷ 3600 × \(Figure.text(model.price.usdPerHour)) USD/h")
  }

  /// Operations of a run that one USD pays for, here in each precision and by the claim's figure.
  private func workPerUSD(_ runs: [RunHere], _ claim: Claim) -> [LocalFinding] {
    guard let model, let claimed = claim.numbers["usd"]?.value else { return [] }
    return runs.map { here in
      let usd = here.usd(model.price)
      let work = here.run.flop
      return LocalFinding(
        label: "operations of it that a USD pays for here" + precision(of: here, among: runs),
        value: work / usd.value, unit: "FLOP/USD",
        note: "\(Figure.text(claimed)) USD for all of it mean \(Figure.text(work / claimed))",
        isExtrapolated: true, interval: usd.ends.map { $0.reversed().map { work / $0 } },
        formula: "\(Figure.text(work)) FLOP ÷ \(Figure.text(usd.value)) USD")
    }
  }

  func bertTraining(_ claim: Claim) -> [LocalFinding] {
    let label = "BERT-large pre-trained here"
    let large = inEach("bert-large")
    guard !large.isEmpty else {
      return [missing(label, "USD", "costcurve train --network bert-large --batch-size 4")]
    }
    let caveat = "smaller batches than published, and no convergence tested"
    let own = priceOfBase(claim).map { "; \($0)" } ?? ""
    return costs(large, label: label, against: claim, note: caveat) + workPerUSD(large, claim)
      + costs(inEach("bert-base"), label: "BERT-base pre-trained here", note: caveat + own)
  }

  /// What BERT-base cost by the price that is stated of BERT-large: by its share of the devices, for as
  /// many days.
  private func priceOfBase(_ claim: Claim) -> String? {
    guard let claimed = claim.numbers["usd"]?.value, let large = fact("bert_devices"), large > 0,
      let base = fact("bert_base_devices")
    else { return nil }
    return "the \(Figure.text(claimed)) USD are BERT-large's, its own figure is "
      + "\(Figure.text(claimed * base / large)) USD"
  }

  func groverTraining(_ claim: Claim) -> [LocalFinding] {
    let label = "Grover-Mega trained here"
    let runs = inEach("grover")
    guard !runs.isEmpty else {
      return [missing(label, "USD", "costcurve train --network grover-layer --batch-size 1")]
    }
    let totals = costs(
      runs, label: label, against: claim,
      note: "48 layers as fast as one, and AdamW in place of Adafactor")
    return totals + workPerUSD(runs, claim)
  }

  func gpt3Training(_ claim: Claim) -> [LocalFinding] {
    let label = "GPT-3 trained here"
    let runs = inEach("gpt3")
    guard !runs.isEmpty else {
      return [missing(label, "USD", "costcurve infer --network gpt3-layer --batch-size 1")]
    }
    var findings =
      costs(runs, label: label, against: claim, note: "96 layers as fast as one")
      + workPerUSD(runs, claim)
    if let model, let day = measurement.date, claim.curves?.contains("gpt3-70") == true,
      let curve = curves.first(where: { $0.id == "gpt3-70" })
    {
      let point = curve.value(at: day)
      let range = "\(point.validity.lowerBound) to \(point.validity.upperBound)"
      let against = runs.map { here in
        "; here it costs \(Units.ratio(here.usd(model.price).value / point.value)) that"
          + precision(of: here, among: runs)
      }
      findings.append(
        LocalFinding(
          label: "read by us off the line gpt3-70 on \(day)", value: point.value, unit: curve.unit,
          note: (point.isInRange ? "in range" : "out of range \(range)") + against.joined(),
          isExtrapolated: !point.isInRange))
    }
    return findings
  }

  /// seq2seq over the Transformer in time: as many models, and as little of the newer run, as the
  /// ratio of the claim is of.
  func translation() -> [LocalFinding] {
    let label = "seq2seq over the Transformer, in time here"
    guard let models = fact("seq2seq_models"), let share = fact("transformer_share_of_run"),
      let older = here("seq2seq"), let newer = here("transformer-base")
    else {
      return ["seq2seq", "transformer-base"].filter { here($0) == nil }.map {
        missing(label, "x", "costcurve train --network \($0) --batch-size 16")
      }
    }
    let ratio = older.ratio(to: newer) * (models / share)
    let counted = models * older.run.flop / (share * newer.run.flop)
    let basis = "; \(older.basis); \(newer.basis); quality and the share are the papers'"
    return [
      LocalFinding(
        label: label + ", \(Figure.text(models)) models", value: ratio.value, unit: "x",
        note: "counted operations give \(Units.ratio(counted))" + basis, isExtrapolated: true,
        interval: ratio.ends,
        formula: "\(Figure.text(models)) × (\(older.way)) ÷ "
          + "(\(Figure.text(share)) × \(newer.way))"),
      LocalFinding(
        label: label + ", one model", value: ratio.value / models, unit: "x",
        note: "counted operations give \(Units.ratio(counted / models))", isExtrapolated: true,
        interval: (ratio * (1 / models)).ends),
    ]
      + costs(inEach("transformer-base"), label: "Transformer base trained here")
      + costs(inEach("seq2seq"), label: "seq2seq, one model, trained here")
  }
}

/// Games that networks play against themselves.
extension LocalMeasures {
  /// Said of a ratio without an interval.
  private static let cancelled = "; one network: its rate cancels"

  /// AlphaGo Zero over AlphaZero, by each run that may be meant.
  func selfPlay() -> [LocalFinding] {
    let label = "self-play of AlphaGo Zero over AlphaZero's, in time here"
    guard let steps = fact("alphazero_steps"), let matching = fact("alphazero_steps_to_match")
    else { return [] }
    func play(_ id: String) -> RunHere? { here(id) { !$0.isTraining } }
    let readings = [
      ("40 blocks, the preprint's games", "alphago-zero-40", "alphazero-go-preprint"),
      ("40 blocks, the journal's games", "alphago-zero-40", "alphazero-go-journal"),
      ("20 blocks of three days, the preprint's games", "alphago-zero-20", "alphazero-go-preprint"),
    ]
    var findings: [LocalFinding] = []
    for (words, first, second) in readings {
      guard let older = play(first), let newer = play(second) else { continue }
      let ratio = older.ratio(to: newer) * (steps / matching)
      let counted = older.run.playFlop / (newer.run.playFlop * matching / steps)
      findings.append(
        LocalFinding(
          label: "\(label), \(words)", value: ratio.value, unit: "x",
          note: "counted operations give \(Units.ratio(counted)); \(older.basis)"
            + (older.sharesRate(with: newer) ? Self.cancelled : "; \(newer.basis)"),
          isExtrapolated: true, interval: ratio.ends,
          formula: "(\(older.way)) ÷ (\(Figure.text(matching / steps)) × \(newer.way))"))
    }
    if let game = game() { findings.append(game) }
    guard findings.isEmpty else { return findings }
    return ["alphago-zero-40", "alphago-zero-20"].map {
      missing(label, "x", "costcurve infer --network \($0) --batch-size 8")
    }
  }

  /// How long one game of self-play takes: search outside of the network costs nothing here.
  private func game() -> LocalFinding? {
    guard let run = published["alphago-zero-40"],
      let part = run.parts.first(where: { !$0.isTraining }),
      let rate = measurement.fastest(.infer, of: part.network, batch: 8)
    else { return nil }
    let hours = Estimate(part.unitsPerItem, per: rate.units) * (1 / 3600)
    return LocalFinding(
      label: "a game of AlphaGo Zero's self-play here", value: hours.value, unit: "hours",
      note: "\(Figure.text(part.unitsPerItem)) positions at \(Units.number(rate.units.perSecond)) "
        + "positions/s; the search around the network is left out, the number of moves assumed",
      isExtrapolated: true, interval: hours.ends,
      formula: "\(Figure.text(part.unitsPerItem)) ÷ \(Units.number(rate.units.perSecond)) ÷ 3600")
  }

  /// How much of a training that plays against itself is inference.
  func selfPlayShare() -> [LocalFinding] {
    let label = "share of self-play in AlphaGo Zero's time here"
    guard let whole = here("alphago-zero-40"),
      let play = here("alphago-zero-40", parts: { !$0.isTraining }),
      let learn = here("alphago-zero-40", parts: { $0.isTraining })
    else {
      return [missing(label, "%", "costcurve infer --network alphago-zero-40 --batch-size 8")]
    }
    let counted = published.values.filter { $0.playFlop > 0 }.map { 100 * $0.playFlop / $0.flop }
    let range = [counted.min(), counted.max()].compactMap { $0 }
      .map { Units.percent($0, digits: 4) }
    // The more time learning takes, the less is the share of what it learns from.
    let rest = learn.ratio(to: play)
    return [
      LocalFinding(
        label: label, value: 100 / (1 + rest.value), unit: "%",
        note: "counted in operations \(range.joined(separator: " to ")) of AlphaGo Zero's and "
          + "AlphaZero's runs; inference while training, not in use; \(whole.basis)"
          + (learn.sharesRate(with: play) ? Self.cancelled : ""),
        isExtrapolated: true, interval: rest.ends.map { $0.reversed().map { 100 / (1 + $0) } },
        formula: "(\(play.way)) ÷ (\(whole.way))")
    ]
  }
}

extension PublishedRun {
  /// Operations of what is no training step.
  fileprivate var playFlop: Double {
    parts.filter { !$0.isTraining }.reduce(0) { $0 + $1.flop }
  }
}
