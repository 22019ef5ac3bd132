import Harness

extension Report {
  /// Which run is the fastest, and which the cheapest, as far as intervals tell; nil for one run.
  var comparisonAnswer: String? {
    guard !others.isEmpty else { return nil }
    let runs = [record] + others
    guard let id = record.cheapestInference?.id else {
      return "\(runs.count) runs side by side; the first has no inference to compare."
    }
    let timed = runs.map { $0.shownCase(id) }
    let busy = runs.contains { $0.context.noise.isBusy }
    let intervals = timed.map { $0?.statistics?.ci95Ns }
    var speed = "Which run is the fastest at \(id) is open: "
    switch Separation(intervals) {
    case _ where busy: speed += "a machine was busy, so its rates are bounds."
    case .unknown: speed += "not every run has it with an interval."
    case .overlapping: speed += "the intervals overlap."
    case .lowest(let best):
      let provisional = timed.contains { $0?.statistics?.provisional == true }
      speed =
        "Run \(best + 1) (\(runs[best].context.machine.cpu.clipped(to: 30))) is the fastest at "
        + "\(id)\(provisional ? ", provisionally" : "")"
      let other = timed.indices.filter { $0 != best }.min { first, second in
        timed[first]?.statistics?.medianNs ?? 0 < timed[second]?.statistics?.medianNs ?? 0
      }
      if let other, let ratio = Self.speedup(of: timed[best], over: timed[other]) {
        speed += ": \(Self.text(ratio)) as fast as run \(other + 1)"
      }
      speed += "."
    }
    return speed + (busy ? "" : cheapestRun(runs))
  }

  /// ` Run 1 is the cheapest: $417 [392, 443] per 10⁹ images.`, each run at its cheapest.
  private func cheapestRun(_ runs: [ResultRecord]) -> String {
    let best = runs.map(\.cheapestInference)
    let unit = best[0]?.derived.workItem
    guard best.allSatisfy({ $0?.derived.usdPerCount != nil && $0?.derived.workItem == unit })
    else { return "" }
    switch Separation(best.map { $0?.derived.usdPerCountCi95 }) {
    case .lowest(let index):
      guard let derived = best[index]?.derived, let usd = derived.usdPerCount else { return "" }
      let precision = best[index].flatMap(Wording.precision).map { " (\($0))" } ?? ""
      return " Run \(index + 1) is the cheapest: \(NumberFormat.usd.text(usd)) "
        + "\(Wording.interval(derived.usdPerCountCi95, .usd)) per \(derived.workItem.costUnit)"
        + "\(precision)."
    case .overlapping: return " Which is the cheapest is open: the intervals overlap."
    case .unknown: return ""
    }
  }

  /// Rate and price of each run, for the head of the page.
  var comparisonFacts: [Document.Fact] {
    ([record] + others).enumerated().compactMap { index, run -> Document.Fact? in
      guard let best = run.cheapestInference, let rate = best.derived.rate else { return nil }
      let cost = best.derived.usdPerCount.map {
        "\(NumberFormat.usd.text($0)) per \(best.derived.workItem.costUnit), "
      }
      return .init(
        label: "Run \(index + 1): \(run.context.machine.cpu.clipped(to: 30))",
        value: NumberFormat.significant(rate), number: rate, unit: best.derived.workItem.rateUnit,
        interval: Wording.rateInterval(best),
        basis: (cost ?? "") + Wording.configuration(best))
    }
  }

  /// How many times as fast one case is as the same of another run, by the ends of their intervals.
  static func speedup(
    of item: CaseRecord?, over other: CaseRecord?
  ) -> (times: Double, interval: [Double]?)? {
    guard let time = item?.statistics, let slower = other?.statistics, time.medianNs > 0 else {
      return nil
    }
    return (
      slower.medianNs / time.medianNs, Separation.ratio(of: slower.ci95Ns, over: time.ci95Ns)
    )
  }

  private static func text(_ ratio: (times: Double, interval: [Double]?)) -> String {
    let interval = Wording.interval(ratio.interval)
    return "\(NumberFormat.significant(ratio.times))x" + (interval.isEmpty ? "" : " " + interval)
  }
}

extension ResultRecord {
  /// The case of that id, where it may be shown.
  func shownCase(_ id: String) -> CaseRecord? {
    cases.first { $0.id == id && $0.isShown }
  }
}
