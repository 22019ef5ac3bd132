import Harness

/// What a run says of generating text: of one more token, and of the prompt before it.
extension Report {
  /// Both in a sentence each; nil where no step gave a valid result.
  var textAnswer: String? {
    guard let step = record.cheapestStep, let rate = step.derived.tokensPerSecond else {
      return nil
    }
    let network = Wording.network(step.name.subject)
    let tokens = "\(NumberFormat.significant(rate)) tokens/s"
    let cost = step.derived.usdPerMillionTokens.map {
      "\(NumberFormat.usd.text($0)) for a million tokens"
    }
    if machineWasBusy {
      let dear = cost.map { " and at most \($0)" } ?? ""
      return "\(network) generated text beside other work: at least \(tokens)\(dear) on this "
        + "machine."
    }
    let share = step.shareOfBandwidth.percent.map {
      ", \(NumberFormat.significant($0)) % of the memory bandwidth"
    }
    let first = record.cheapestPrompt.flatMap { prompt in
      prompt.derived.timeToFirstTokenMs.map {
        " The first token comes after \(Units.duration($0 / 1000)) of \(Self.prompt(prompt))."
      }
    }
    return "\(network) generates \(tokens) \(Self.place(step)) on this machine\(share ?? "")"
      + (cost.map { ": \($0)" } ?? "") + "." + (first ?? "")
  }

  /// Rate, share of the bandwidth and cost of a step; rate, cost and time of its prompt.
  var textFacts: [Document.Fact] {
    let (step, prompt) = (record.cheapestStep, record.cheapestPrompt)
    let facts: [Document.Fact?] = [
      step.flatMap { rateFact($0, "decode", Self.place($0)) }, step.flatMap(bandwidthFact),
      step.flatMap { tokenCostFact($0, "decode") },
      prompt.flatMap { rateFact($0, "prefill", Self.prompt($0)) },
      prompt.flatMap { tokenCostFact($0, "prefill") }, prompt.flatMap(firstTokenFact),
    ]
    return facts.compactMap { $0 }
  }

  /// Where a step stands: `at position 1 024`.
  private static func place(_ step: CaseRecord) -> String {
    step.name.sequence.map { "at position \(NumberFormat.grouped(Double($0), decimals: 0))" } ?? ""
  }

  /// What a prompt is: `a prompt of 1 024 tokens`.
  private static func prompt(_ item: CaseRecord) -> String {
    guard let tokens = item.name.sequence else { return "a prompt" }
    return "a prompt of \(NumberFormat.grouped(Double(tokens), decimals: 0)) tokens"
  }

  private func rateFact(_ item: CaseRecord, _ part: String, _ what: String) -> Document.Fact? {
    guard let rate = item.derived.tokensPerSecond else { return nil }
    return .init(
      label: "\(Wording.network(item.name.subject)) \(part)",
      value: NumberFormat.significant(rate), number: rate, unit: "tokens/s",
      interval: labelled(Wording.rateInterval(item), isRange: item.derived.rateCi95 == nil),
      basis: doubtful("at least") + "\(what), \(Wording.configuration(item))")
  }

  private func bandwidthFact(_ step: CaseRecord) -> Document.Fact? {
    let label = "Share of measured bandwidth"
    guard let share = step.shareOfBandwidth.percent else {
      guard let reason = step.derived.percentOfBandwidthWithheld else { return nil }
      return .init(
        label: label, value: "n/a", number: nil, unit: "", interval: "", basis: reason)
    }
    let threads = step.name.threads
    let peak = record.peaks.first {
      $0.threads == threads && $0.precision == nil
    }?.bandwidthGbPerS
    let roof = peak.map { "of \(NumberFormat.significant($0)) GB/s read from memory, " } ?? ""
    return .init(
      label: label, value: NumberFormat.significant(share), number: share, unit: "%", interval: "",
      basis: "\(roof)weights and cache counted once, both times at their 5th percentile")
  }

  private func tokenCostFact(_ item: CaseRecord, _ part: String) -> Document.Fact? {
    guard let usd = item.derived.usdPerMillionTokens else { return nil }
    return .init(
      label: "Cost of \(part)", value: NumberFormat.usd.text(usd), number: usd,
      unit: "per 10⁶ tokens",
      interval: labelled(Wording.interval(item.derived.usdPerMillionTokensCi95, .usd)),
      basis: doubtful("at most") + Wording.shortPrice(record.price))
  }

  private func firstTokenFact(_ prompt: CaseRecord) -> Document.Fact? {
    guard let time = prompt.derived.timeToFirstTokenMs else { return nil }
    return .init(
      label: "Time to first token", value: NumberFormat.significant(time), number: time,
      unit: "ms", interval: labelled(Wording.interval(prompt.derived.timeToFirstTokenMsCi95)),
      basis: doubtful("at most") + "median, \(Self.prompt(prompt))")
  }

  /// Prompts and steps, case by case.
  func textTable(_ cases: [CaseRecord]) -> DataTable {
    caseTable(
      "text", "Text: prefill reads a prompt, decode one more token; 95 % intervals", cases,
      [
        rate(in: "tokens/s"),
        .init("Cost", "USD per 10⁶ tokens") {
          cell(
            $0.derived.usdPerMillionTokens,
            interval: Wording.interval($0.derived.usdPerMillionTokensCi95))
        },
        .init("Of bandwidth", "%") { shareCell($0.shareOfBandwidth) },
        .init("Moved", "GB/s", rank: 1) { cell($0.derived.gbPerS) }, ofPeak(rank: 2),
      ])
  }
}
