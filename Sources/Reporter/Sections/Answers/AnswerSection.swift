import Economics
import Harness

extension Report {
  /// How fast, how dear, how near to the peak, and what the run could not show.
  var answerSection: Document.Section {
    let networkFacts = [
      scenarioFact, rateFact, tokenFact, costFact, energyFact, trainingFact, checkFact, peakFact,
      softwareFact, claimFact,
    ]
    var facts =
      measuresNetworks ? textFacts + networkFacts.compactMap { $0 } : kernelFacts
    if !others.isEmpty, !comparisonFacts.isEmpty { facts = comparisonFacts }
    var blocks: [Document.Block] = []
    if !facts.isEmpty { blocks.append(.facts(facts)) }
    if !limits.isEmpty { blocks.append(.paragraph(limits)) }
    return Document.Section(
      id: "answer", title: "The answer", short: "Answer", lead: comparisonAnswer ?? answer,
      blocks: blocks)
  }

  /// The whole report in one sentence.
  package var answer: String {
    guard measuresNetworks else { return kernelAnswer }
    guard let best = record.cheapestInference, let rate = best.derived.rate else {
      return textAnswer ?? trainingAnswer ?? "No network gave a valid result in this run."
    }
    let precision = Wording.precision(best).map { " (\($0))" } ?? ""
    let network = Wording.network(best.name.subject) + precision
    let item = best.derived.workItem
    let rateText = "\(NumberFormat.significant(rate)) \(item.rateUnit)"
    let float = record.float(behind: best)?.derived.usdPerCount.map {
      "; in float32 \(machineWasBusy ? "at most " : "")\(NumberFormat.usd.text($0))"
    }
    let cost = best.derived.usdPerCount.map { NumberFormat.usd.text($0) }
    if machineWasBusy {
      let dear = cost.map { " and at most \($0) for \(item.costWords)\(float ?? "")" } ?? ""
      return "\(network) ran beside other work: at least \(rateText)\(dear) on this machine."
    }
    guard let cost else { return "\(network) runs at \(rateText) on this machine." }
    let tokens = best.derived.tokensPerSecond.map { rate in
      "; \(NumberFormat.significant(rate)) tokens/s"
        + (best.derived.usdPerMillionTokens.map { ", \(NumberFormat.usd.text($0)) for a million" }
          ?? "")
    }
    return "\(network) runs at \(rateText) on this machine: \(cost) for \(item.costWords)"
      + "\(float ?? "")\(tokens ?? "")."
  }

  /// The same where only training was measured; nil without a step.
  private var trainingAnswer: String? {
    guard let best = record.cheapestTraining, let rate = best.derived.rate else { return nil }
    let tokens = best.derived.tokensPerSecond.map {
      ", \(NumberFormat.significant($0)) tokens/s,"
    }
    let cost =
      best.derived.usdToTrain.map {
        ": \(NumberFormat.usd.text($0)) for \(Wording.target(best))"
      }
      ?? (best.derived.trainingTarget == nil
        ? "; it has no training target, so there is no cost to train it" : "")
    let precision = Wording.precision(best).map { " (\($0))" } ?? ""
    return "\(Wording.network(best.name.subject))\(precision) "
      + (machineWasBusy ? "trained beside other work: at least " : "trains at ")
      + "\(NumberFormat.significant(rate)) \(best.derived.workItem.rateUnit)\(tokens ?? "") "
      + "on this machine\(cost)."
  }

  private var rateFact: Document.Fact? {
    guard let best = record.cheapestInference, let rate = best.derived.rate else {
      return nil
    }
    return .init(
      label: "\(Wording.network(best.name.subject)) inference",
      value: NumberFormat.significant(rate), number: rate, unit: best.derived.workItem.rateUnit,
      interval: labelled(Wording.rateInterval(best), isRange: best.derived.rateCi95 == nil),
      basis: doubtful("at least") + Wording.configuration(best, withWorth: false))
  }

  /// Of a model that reads tokens, how many.
  private var tokenFact: Document.Fact? {
    guard let best = record.cheapestInference, let rate = best.derived.tokensPerSecond else {
      return nil
    }
    let cost = best.derived.usdPerMillionTokens.map {
      "\(NumberFormat.usd.text($0)) per 10⁶ tokens, "
    }
    return .init(
      label: "Tokens", value: NumberFormat.significant(rate), number: rate, unit: "tokens/s",
      interval: labelled(Wording.interval(best.derived.tokensPerSecondCi95, .plain)),
      basis: doubtful("at least") + (cost ?? "") + Wording.configuration(best))
  }

  private var costFact: Document.Fact? {
    guard let best = record.cheapestInference, let usd = best.derived.usdPerCount else {
      return nil
    }
    return .init(
      label: "Cost of inference", value: NumberFormat.usd.text(usd), number: usd,
      unit: "per \(best.derived.workItem.costUnit)",
      interval: labelled(Wording.interval(best.derived.usdPerCountCi95, .usd)),
      basis: doubtful("at most")
        + "the cheapest measured, \(Wording.configuration(best)); "
        + (floatCost(behind: best).map { $0 + "; " } ?? "") + Wording.shortPrice(record.price))
  }

  /// `in float32 $785 [760, 810], batch 16, 2 threads, native`; nil where that is the best itself.
  private func floatCost(behind best: CaseRecord) -> String? {
    guard let float = record.float(behind: best), let usd = float.derived.usdPerCount else {
      return nil
    }
    let interval = Wording.interval(float.derived.usdPerCountCi95, .usd)
    return "in float32 \(NumberFormat.usd.text(usd))" + (interval.isEmpty ? "" : " \(interval)")
      + ", \(Wording.configuration(float))"
  }

  private var trainingFact: Document.Fact? {
    guard let best = record.cheapestTraining, let usd = best.derived.usdToTrain else { return nil }
    return .init(
      label: "Cost to train \(Wording.network(best.name.subject))",
      value: NumberFormat.usd.text(usd), number: usd, unit: "for \(Wording.target(best))",
      interval: labelled(Wording.interval(best.derived.usdToTrainCi95, .usd)),
      basis: doubtful("at most")
        + "extrapolated from the measured step, \(Wording.configuration(best))"
        + (costFact == nil ? "; \(Wording.shortPrice(record.price))" : ""))
  }

  private var peakFact: Document.Fact? {
    guard let best = record.cheapestInference else { return nil }
    let label = "Share of measured peak"
    guard let share = best.shareOfPeak.percent else {
      guard best.shareOfPeak == .disturbed else { return nil }
      return .init(
        label: label, value: ShareOfPeak.disturbedText, number: nil, unit: "", interval: "",
        basis: "other work disturbed the peak while it was measured")
    }
    let threads = best.name.threads
    let peak = record.peaks.first {
      $0.threads == threads && $0.precision == best.name.precision
    }
    let roof =
      peak.flatMap { peak in
        peak.rate.map { "of \(NumberFormat.significant($0)) \(peak.rateUnit), " }
      } ?? ""
    return .init(
      label: label, value: NumberFormat.significant(share), number: share,
      unit: "%", interval: "",
      basis: "\(roof)executed operations, both times at their 5th percentile, "
        + Wording.configuration(best, withWorth: false))
  }

  /// What newer software alone gained on this machine, against the claimed factor.
  private var softwareFact: Document.Fact? {
    guard let oldest = generations.first, let newest = generations.last(where: \.isOwnFloat),
      newest.name != oldest.name
    else { return nil }
    guard let ratio = newest.ratio else {
      return .init(
        label: "Speedup by software alone", value: "n/a", number: nil, unit: "", interval: "",
        basis: "\(newest.name) compared with \(oldest.name): \(Wording.noRatio)")
    }
    let claimed = claimedSoftwareGain.map {
      "; the documents claim \(Figure.text($0))x for training"
    }
    return .init(
      label: "Speedup by software alone", value: "\(NumberFormat.significant(ratio.times))x",
      number: nil, unit: "", interval: labelled(Wording.interval(ratio.interval)),
      basis: "\(newest.name) compared with \(oldest.name), in inference\(claimed ?? "")")
  }

  /// How many claims hold.
  private var claimFact: Document.Fact? {
    guard !claims.isEmpty else { return nil }
    func count(_ verdict: Economics.Verdict) -> Int { claims.count { $0.verdict == verdict } }
    return .init(
      label: "Published claims that hold", value: "\(count(.consistent))", number: nil,
      unit: "of \(claims.count)", interval: "",
      basis: "\(count(.inconsistent)) do not hold and \(count(.notCheckable)) cannot be checked; "
        + "each is recomputed below")
  }

  /// What a figure of a busy machine is: a bound.
  func doubtful(_ bound: String) -> String {
    machineWasBusy ? "\(bound) this, for the machine was busy; " : ""
  }

  /// The interval with what it is: 95 %, or the whole range.
  func labelled(_ interval: String, isRange: Bool = false) -> String {
    interval.isEmpty ? "" : (isRange ? "range " : "95 % ") + interval
  }

  /// The cases whose calls were too few for a p99; nil where each has one.
  private var latencyGap: String? {
    let timed = record.cases.filter {
      $0.kind.isInference && $0.isShown && $0.derived.latencyMs != nil
    }
    let needs = timed.compactMap { $0.derived.latencyMs?.needs["p99"] }
    guard let most = needs.max() else { return nil }
    let which = needs.count == timed.count ? "" : " of \(needs.count) of \(timed.count) cases"
    return "a p99 latency\(which) (it needs \(most) samples)"
  }

  /// What a reader must not conclude from this run.
  package var limits: String {
    var gaps: [String] = []
    let networks = record.cases.filter { $0.kind.isNetwork }
    if let open = networks.first(where: { $0.accuracy.status == "not evaluated" })?.accuracy {
      gaps.append("accuracy (\(open.reason ?? "no answers were compared with labels"))")
    }
    if let best = record.cheapestTraining {
      gaps.append(
        best.derived.trainingTarget == nil
          ? "what training \(Wording.network(best.name.subject)) costs (it has no training "
            + "target here)"
          : "a training run to its end (\(Wording.target(best)) are extrapolated from single steps)"
      )
    } else if costs != nil {
      gaps.append("what training costs (no step was measured)")
    }
    if let gap = latencyGap { gaps.append(gap) }
    if let reason = energyGap { gaps.append("energy (\(reason))") }
    if networks.contains(where: { $0.statistics?.provisional == true }) {
      gaps.append("how much another process would differ (intervals rest on one)")
    }
    let shown = networks.filter(\.isShown)
    let disturbed = shown.count(where: \.hasDisturbedMedian)
    if disturbed > 0 {
      gaps.append(
        "an undisturbed rate of \(disturbed) of \(Units.count(shown.count, "network case")) "
          + "(marked 'disturbed')")
    }
    let invalid = record.cases.count { !$0.validity.ok }
    if invalid > 0 {
      gaps.append("\(Units.count(invalid, "case")) that gave no valid result")
    }
    guard measuresNetworks || !gaps.isEmpty else { return "" }
    return gaps.isEmpty
      ? "Everything that the run set out to measure was measured."
      : "This run could not show \(Wording.list(gaps))."
  }
}
