extension CaseRecord {
  /// What a case gave by the counting of a `Scenario`.
  package struct ScenarioResult: Codable, Hashable, Sendable {
    /// `single-stream`, `multi-stream` or `offline`.
    package var name: String
    /// What `value` is: `p90_latency`, `p99_latency` or `samples_per_second`.
    package var metric: String
    /// In `unit`; null where there were too few queries.
    ///
    /// A latency is the estimate of early stopping, an upper bound of its percentile with 99 %
    /// confidence.
    @Nullable package var value: Double?
    package var unit: String
    /// 95 % interval of a rate; null for a latency, which is a bound by itself.
    @Nullable package var ci95: [Double]?
    /// Of all runs.
    package var queries: Int
    package var samplesPerQuery: Int
    package var minimumQueries: Int
    /// Of all queries, without what lies between them.
    package var seconds: Double
    /// Rules that were not followed, a sentence each.
    package var departures: [String]
  }
}

extension ResultRecord {
  /// Says of every case of inference that has a speed what it gave by a scenario's counting.
  ///
  /// - Parameters:
  ///   - scenario: By which it was measured.
  ///   - seconds: That each run was asked to last.
  package mutating func count(by scenario: Scenario, seconds: Double) {
    let isCut = extent?.interrupted ?? false
    for index in cases.indices {
      cases[index].scenario = scenario.result(of: cases[index], seconds: seconds, isCut: isCut)
    }
  }
}

extension Scenario {
  /// What the samples of a case amount to; nil for a case without a speed.
  fileprivate func result(
    of item: CaseRecord, seconds: Double, isCut: Bool
  ) -> CaseRecord.ScenarioResult? {
    let runs = item.processes.filter { !$0.samplesNs.isEmpty }
    guard item.kind == .infer, item.validity.ok, item.statistics != nil, !runs.isEmpty else {
      return nil
    }
    let batch = item.name.batch ?? 1
    let times = runs.flatMap(\.samplesNs)
    // Short calls are timed several together, and known by their mean alone.
    let together = runs.map(\.callsPerSample).max() ?? 1
    let calls = runs.map { $0.samplesNs.count * $0.callsPerSample }.reduce(0, +)
    let lengths = runs.map { $0.samplesNs.reduce(0, +) * Double($0.callsPerSample) }
    let total = lengths.reduce(0, +) * 1e-9
    let (value, interval) = figure(runs.map(\.samplesNs), times, batch: batch)
    let isOne = percentile == nil
    return CaseRecord.ScenarioResult(
      name: name,
      metric: percentile.map { "p\(Int((100 * $0).rounded()))_latency" } ?? "samples_per_second",
      value: value, unit: isOne ? "samples/s" : "ms", ci95: interval,
      queries: isOne ? runs.count : times.count,
      samplesPerQuery: isOne ? batch * calls / runs.count : batch,
      minimumQueries: minimumQueries, seconds: total,
      departures: departures(
        runs: runs.count, calls: isOne ? calls : times.count, batch: batch, together: together,
        lasted: isCut ? total / Double(runs.count) : max(seconds, total / Double(runs.count))))
  }

  /// The metric, with the interval of a rate.
  private func figure(
    _ runs: [[Double]], _ times: [Double], batch: Int
  ) -> (value: Double?, interval: [Double]?) {
    if let percentile {
      let estimate = PercentileRule.estimate(percentile, ofSorted: times.sorted())
      return (estimate.map { $0 / 1e6 }, nil)
    }
    let items = Double(batch) * 1e9
    let rate = items / Self.mean(times[...])
    guard let interval = Self.meanInterval(of: runs) else { return (rate, nil) }
    // The mean of all calls need not be the geometric mean of runs or blocks.
    return (rate, [min(items / interval.high, rate), max(items / interval.low, rate)])
  }

  /// The 95 % interval of the mean time of a call, over runs or over consecutive blocks of the one;
  /// nil where there are too few calls.
  private static func meanInterval(of runs: [[Double]]) -> Interval? {
    guard runs.count == 1 else {
      return Interval.geometric(runs.map { mean($0[...]) }, confidence: 0.95)
    }
    let samples = runs[0]
    guard samples.count >= 8 else { return nil }
    let count = min(16, max(8, samples.count / 8))
    let means = (0..<count).map { block in
      let (first, end) = (block * samples.count / count, (block + 1) * samples.count / count)
      return mean(samples[first..<end])
    }
    return Interval.geometric(means, confidence: 0.95)
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  /// The rules that a measurement did not follow.
  ///
  /// - Parameters:
  ///   - runs: Processes.
  ///   - calls: Of all runs; of streams, as many as have a time.
  ///   - batch: Samples of a call.
  ///   - together: Calls that have one time, at most.
  ///   - lasted: Seconds of a run.
  /// - Returns: A sentence for each.
  private func departures(
    runs: Int, calls: Int, batch: Int, together: Int, lasted: Double
  ) -> [String] {
    var found: [String] = []
    if lasted < Self.ruleSeconds {
      found.append(
        "A run lasts \(Units.number(Self.ruleSeconds)) s or more, this one "
          + "\(Units.duration(lasted)); --duration 600s follows that.")
    }
    switch self {
    case .singleStream: break
    case .multiStream(let samples):
      if samples != Self.ruleStreams {
        found.append(
          "A query has \(Units.count(Self.ruleStreams, "sample")), not \(Units.grouped(samples)).")
      }
    case .offline:
      let samples = batch * calls / runs
      if samples < Self.ruleSamples {
        found.append(
          "The query has \(Units.count(Self.ruleSamples, "sample")) or more, this one "
            + "\(Units.grouped(samples)).")
      }
    }
    if percentile != nil, calls < minimumQueries {
      found.append(
        "A result needs \(Units.grouped(minimumQueries)) queries, there were "
          + "\(Units.grouped(calls)).")
    }
    if percentile != nil, together > 1 {
      found.append(
        "A latency is of one query, here the mean of \(together) that were timed together.")
    }
    if runs > 1 { found.append("A result is of one run, this one of \(runs) together.") }
    found.append(
      "Samples are drawn from a data set whose accuracy is checked; here all are the same seeded "
        + "ones.")
    return found
  }
}
