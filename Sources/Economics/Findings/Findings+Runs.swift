import Harness

/// What counting the published trainings shows.
extension Findings {
  /// Both terms of a ratio as device time, which counted work is a fraction of.
  func deviceTime() throws -> Finding? {
    guard let ratio = stated("transformer-61x", "ratio", "the ratio"),
      let older = try fact("seq2seq_ensemble_flop", "five seq2seq models by device time"),
      let newer = try fact("transformer_base_flop", "Transformer base by device time"),
      let models = try fact("seq2seq_models", "models of the ensemble"),
      let share = try fact("transformer_share_of_run", "share of the run that counts"),
      let one = try work("seq2seq", "one seq2seq model, counted"),
      let base = try work("transformer-base", "Transformer base, counted")
    else { return nil }
    let counted = models.value * one.value / (share.value * base.value)
    let (above, below) = (older.value / (models.value * one.value), newer.value / base.value)
    guard abs(counted / ratio.value - 1) < 0.05, min(above, below) > 2 else { return nil }
    return Finding(
      id: "ratio-of-device-times",
      title: """
        The 61x is one of device times; counted work gives \(Units.ratio(counted)), both terms \
        \(Units.ratio(below, digits: 2)) less
        """,
      statement: """
        Time times peak gives \(Figure.text(older.value)) and \(Figure.text(newer.value)) FLOP, \
        counted multiply-adds \(Figure.text(models.value * one.value)) and \
        \(Figure.text(base.value)): \(Units.ratio(above)) and \(Units.ratio(below)) less. With \
        the share of \(Figure.text(share.value)) that is \(Units.ratio(counted)), and \
        \(Units.ratio(counted / models.value)) for one model in place of \
        \(Figure.text(models.value)).
        """,
      inputs: [ratio, older, newer, models, share, one, base],
      inference: "The ratio holds since both terms are too large by nearly the same factor.",
      claims: ["transformer-61x"])
  }

  /// A ratio that is another one by each run that it may be of.
  func runThatIsMeant() throws -> Finding? {
    guard let ratio = stated("alphazero-8x", "ratio", "the ratio"),
      let steps = try fact("alphazero_steps", "steps of AlphaZero"),
      let matching = try fact("alphazero_steps_to_match", "steps to the level of AlphaGo Zero"),
      let long = try part("alphago-zero-40-play", "AlphaGo Zero, 40 blocks, self-play"),
      let short = try part("alphago-zero-20-play", "AlphaGo Zero, 20 blocks, self-play"),
      let preprint = try part("alphazero-go-preprint-play", "AlphaZero by the preprint"),
      let journal = try part("alphazero-go-journal-play", "AlphaZero by the journal")
    else { return nil }
    let share = matching.value / steps.value
    let readings = [
      long.value / (share * preprint.value), long.value / (share * journal.value),
      short.value / (share * preprint.value),
    ]
    guard let most = readings.max(), let least = readings.min(), least > 0, most / least > 2 else {
      return nil
    }
    let texts = readings.map { Units.ratio($0) }
    return Finding(
      id: "ratio-of-which-run",
      title: "The 8x is \(texts[0]), \(texts[1]) or \(texts[2]), by which run is meant",
      statement: """
        Nearly all of it is self-play. The 40 blocks of 40 days over \
        \(Figure.text(share)) of the preprint's AlphaZero are \(texts[0]), of the journal's \
        \(texts[1]); the 20 blocks of three days over the preprint's \(texts[2]). The claim has \
        \(Figure.text(ratio.value))x.
        """,
      inputs: [ratio, steps, matching, long, short, preprint, journal],
      claims: ["alphazero-8x"])
  }

  /// A price of one of two models of one name.
  func modelThatIsMeant() throws -> Finding? {
    guard let usd = stated("bert-6912", "usd", "the price"),
      let large = try fact("bert_devices", "devices of BERT-large"),
      let base = try fact("bert_base_devices", "devices of BERT-base"),
      let days = try fact("bert_days", "days of each")
    else { return nil }
    let hour = usd.value / (large.value * days.value * 24)
    let small = base.value * days.value * 24 * hour
    guard abs(hour / 4.5 - 1) < 0.01, small < usd.value / 2 else { return nil }
    return Finding(
      id: "price-of-the-larger",
      title: "\(Figure.text(usd.value)) USD is BERT-large; BERT-base took \(Figure.text(small))",
      statement: """
        \(Figure.text(large.value)) devices for \(Figure.text(days.value)) days at \
        \(Figure.text(hour)) USD an hour are the figure; the smaller model took \
        \(Figure.text(base.value)) of them as long, \(Figure.text(small)) USD.
        """,
      inputs: [usd, large, base, days], claims: ["bert-6912"])
  }

  /// A price whose machine is not named with it, and is known all the same.
  func checkablePrice() throws -> Finding? {
    guard let usd = stated("grover-25k", "usd", "the price"),
      let cores = try fact("grover_cores", "cores"), let hours = try fact("grover_hours", "hours"),
      let price = try fact("grover_usd_per_core_hour", "price of a core")
    else { return nil }
    let total = cores.value * hours.value * price.value
    guard abs(total / usd.value - 1) < 0.05 else { return nil }
    return Finding(
      id: "price-that-can-be-checked",
      title: "Grover's \(Figure.text(usd.value)) USD can be checked: \(Figure.text(total))",
      statement: """
        \(Figure.text(cores.value)) TPU v3 cores for \(Figure.text(hours.value)) hours at \
        \(Figure.text(price.value)) USD are \(Figure.text(total)) USD.
        """,
      inputs: [usd, cores, hours, price],
      inference: "The paper's own sentence is known here by a quotation only.",
      claims: ["grover-25k"])
  }

  /// A single figure as an input; nil where it is not on record.
  private func fact(_ name: String, _ label: String) throws -> Finding.Input? {
    let table = try records.table("facts")
    guard let row = table.rows.indices.first(where: { table.text($0, "name") == name }),
      let value = table.number(row, "value")
    else { return nil }
    return Finding.Input(
      label: label, value: value, unit: table.text(row, "unit"), source: table.text(row, "source"))
  }

  /// The counted work of a published run.
  private func work(_ id: String, _ label: String) throws -> Finding.Input? {
    try PublishedRun.all(records).first { $0.id == id }.map { run in
      Finding.Input(
        label: label, value: run.flop, unit: "FLOP", source: "published_work.csv, run \(id)")
    }
  }

  /// The counted work of a part of one.
  private func part(_ id: String, _ label: String) throws -> Finding.Input? {
    let parts = try PublishedRun.all(records).flatMap(\.parts)
    return parts.first { $0.id == id }.map { part in
      Finding.Input(
        label: label, value: part.flop, unit: "FLOP", source: "published_work.csv, part \(id)")
    }
  }
}
