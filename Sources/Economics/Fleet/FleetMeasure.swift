import Harness

/// What a run tells of a case when machines are compared: a rate, the higher the better.
struct FleetMeasure {
  /// The place of the run.
  let run: Int
  /// Above 0, in `unit`.
  let rate: Double
  let unit: String
  /// Lower and upper end of its 95 % interval; nil where there is none.
  let interval: [Double]?
  /// What as much as `costUnit` costs at that rate; nil where nothing is priced.
  let usd: Double?
  let costUnit: String?
  /// Whether the interval rests on one process.
  let isProvisional: Bool
  /// Whether the median is other work's doing too.
  let isDisturbed: Bool

  /// Nil for a case that may show no speed.
  init?(_ item: CaseRecord, of run: Int) {
    guard item.validity.ok, let statistics = item.statistics, statistics.medianNs > 0,
      let (rate, unit) = Self.rate(of: item), rate > 0, rate.isFinite
    else { return nil }
    let cost = Self.cost(of: item)
    (self.run, self.rate, self.unit) = (run, rate, unit)
    (usd, costUnit) = (cost?.usd, cost?.unit)
    (isProvisional, isDisturbed) = (statistics.provisional, item.hasDisturbedMedian)
    interval = Self.interval(of: rate, statistics)
  }

  /// Tokens or items a second, or operations or bytes of what has neither.
  private static func rate(of item: CaseRecord) -> (Double, String)? {
    let derived = item.derived
    if let tokens = derived.tokensPerSecond { return (tokens, "tokens/s") }
    if let rate = derived.rate { return (rate, derived.workItem.rateUnit) }
    if let gflops = derived.gflopsDirect { return (gflops, "GFLOP/s") }
    if let operations = derived.gigaOperationsPerSecond { return (operations, "GOP/s") }
    return derived.gbPerS.map { ($0, "GB/s") }
  }

  private static func cost(of item: CaseRecord) -> (usd: Double, unit: String)? {
    let derived = item.derived
    if item.kind == .train {
      guard let usd = derived.usdToTrain, let target = derived.trainingTarget else { return nil }
      return (usd, "\(Figure.text(target.epochs)) epochs of \(target.dataset)")
    }
    if let usd = derived.usdPerMillionTokens { return (usd, "10⁶ tokens") }
    return derived.usdPerCount.map { ($0, derived.workItem.costUnit) }
  }

  /// The rate at both ends of the interval of the time.
  private static func interval(
    of rate: Double, _ statistics: CaseRecord.Statistics
  ) -> [Double]? {
    guard let bounds = statistics.ci95Ns, bounds.count == 2, bounds[0] > 0, bounds[0] <= bounds[1]
    else { return nil }
    return [rate * statistics.medianNs / bounds[1], rate * statistics.medianNs / bounds[0]]
  }
}
