import Basics
import Economics
import Harness

/// How a training step scales, measured and predicted, and what many machines would make of it.
struct ScalingReport: Encodable {
  /// One number of ranks.
  struct Point: Encodable {
    /// `weak` or `strong`.
    var kind: String
    var ranks: Int
    /// That the ranks ran on.
    var machines: Int
    /// Images of one rank.
    var batchSize: Int
    var stepMs: Double
    var stepMsCi95: [Double]?
    var imagesPerSecond: Double
    var imagesPerSecondCi95: [Double]?
    /// Rate over as many times that of one rank on as many images a rank, or in all.
    var efficiency: Double
    /// From the ratios of turns of the same round; absent for one rank, and with fewer than two rounds.
    var efficiencyCi95: [Double]?
    /// Milliseconds that a step waited for sums, the mean over steps and ranks of the last round;
    /// absent for one rank.
    var exposedMs: Double?
    var predictedStepMs: Double
  }

  /// The step of one machine with all of its threads, which fleets are made of.
  struct Machine: Encodable {
    var threads: Int
    var batchSize: Int
    var stepMs: Double
    var stepMsCi95: [Double]?
  }

  /// The links that predictions rest on.
  struct Link: Encodable {
    var gbPerS: Double
    var latencyUs: Double
    /// `between ranks of one machine`, `between machines` or `given`.
    var basis: String
  }

  var schema = "costcurve.scaling"
  var schemaVersion = 1
  var date = ContextReader.now()
  var cpu = MachineReader.machine().cpu
  var network: String
  /// Of one rank.
  var threads: Int
  var library: String
  /// Share of one rank's step behind which sums hide: its backward pass.
  var overlap: Double
  var gradientBytes: Int
  var measuredLink: Link
  var points: [Point]
  /// What the fleet rests on; absent where there is none.
  var fleetLink: Link?
  /// One rank with all threads, of which the fleet is made; absent where there is none.
  var machine: Machine?
  /// Empty where only links within one machine were measured, and none was given.
  var fleet: [ManyMachines.Entry]
  /// What hours and USD of the fleet assume; absent where that is nothing.
  var fleetAssumption: String?
  var usdPerHour: Double
  var priceBasis: String

  /// Compares what was measured with the model.
  ///
  /// - Parameters:
  ///   - network: Its name.
  ///   - threads: Of a rank.
  ///   - plan: What was measured.
  ///   - runs: What that gave.
  ///   - link: Between the machines of a fleet, where the user knows it.
  ///   - criticalBatch: Of network and data, where the user knows it.
  ///   - price: Of one machine.
  /// - Throws: `caseFailed` where something of it is missing.
  init(
    network: String, threads: Int, plan: ScalingPlan, runs: ScalingRuns, link: ScalingModel.Link?,
    criticalBatch: Double?, price: Price
  ) throws(Problem) {
    typealias Measured = (result: ScalingRuns.Result, statistics: CaseRecord.Statistics)
    let summaries = runs.results.compactMapValues { Summary.statistics(of: $0.processes) }
    func measured(_ point: ScalingPlan.Point) throws(Problem) -> Measured {
      guard let result = runs.results[point], let statistics = summaries[point] else {
        throw Problem(.caseFailed, "\(point.ranks) ranks were not measured")
      }
      return (result: result, statistics: statistics)
    }
    guard let first = plan.weak.first(where: { $0.ranks > 1 }),
      let sums = try measured(first).result.allReduce, let slowest = sums.link
    else { throw Problem(.caseFailed, "no links were measured") }
    let between = ScalingModel.Link(
      bytesPerSecond: 1e9 * slowest.gbPerS, latencySeconds: 1e-6 * slowest.latencyUs)
    func model(of alone: Measured, _ link: ScalingModel.Link) -> ScalingModel {
      ScalingModel(
        aloneSeconds: 1e-9 * alone.statistics.medianNs,
        overlap: Self.overlap(alone.result.phasePercent), besideSeconds: 1e-3 * sums.besideMs,
        gradientBytes: Double(sums.gradientBytes), bucketBytes: Double(sums.bucketBytes),
        link: link)
    }
    let kinds = [("weak", plan.weak), ("strong", plan.strong)]
    var points: [Point] = []
    for (kind, own) in kinds {
      guard let one = own.first else { continue }
      let (base, alone) = try measured(one)
      let rate = Double(one.batch) * 1e9 / alone.medianNs
      for point in own {
        let (found, statistics) = try measured(point)
        let images = Double(point.ranks * point.batch)
        let now = images * 1e9 / statistics.medianNs
        let predicted = model(of: try measured(plan.alone(beside: point)), between)
        let share = Double(point.batch) / Double(one.batch)
        points.append(
          Point(
            kind: kind, ranks: point.ranks, machines: found.allReduce?.machines ?? 1,
            batchSize: point.batch, stepMs: 1e-6 * statistics.medianNs,
            stepMsCi95: statistics.ci95Ns.map { $0.map { 1e-6 * $0 } }, imagesPerSecond: now,
            imagesPerSecondCi95: statistics.ci95Ns.map { $0.reversed().map { images * 1e9 / $0 } },
            efficiency: now / (Double(point.ranks) * rate),
            efficiencyCi95: point == one
              ? nil : Self.interval(of: base.processes, over: found.processes, times: share),
            exposedMs: found.allReduce?.exposedMs,
            predictedStepMs: 1e3 * predicted.stepSeconds(machines: point.ranks)))
      }
    }
    let isBetweenMachines = sums.machines == sums.ranks
    let far = link ?? (isBetweenMachines ? between : nil)
    var many: ManyMachines?
    if let far {
      // The price is of whole machines, whatever threads ranks were measured with.
      let whole = try measured(plan.machine)
      let step = whole.statistics
      many = ManyMachines(
        model(of: whole, far), batch: plan.machine.batch, target: whole.result.target,
        criticalBatch: criticalBatch, usdPerHour: price.usdPerHour)
      machine = Machine(
        threads: plan.machine.threads, batchSize: plan.machine.batch,
        stepMs: 1e-6 * step.medianNs, stepMsCi95: step.ci95Ns.map { $0.map { 1e-6 * $0 } })
    }
    (self.network, self.threads, library) = (network, threads, sums.library)
    (self.points, gradientBytes) = (points, sums.gradientBytes)
    (fleet, fleetAssumption) = (many?.entries ?? [], many?.assumption)
    overlap = Self.overlap(try measured(plan.alone(beside: first)).result.phasePercent)
    measuredLink = Link(
      gbPerS: slowest.gbPerS, latencyUs: slowest.latencyUs,
      basis: isBetweenMachines ? "between machines" : "between ranks of one machine")
    fleetLink = far.map {
      Link(
        gbPerS: 1e-9 * $0.bytesPerSecond, latencyUs: 1e6 * $0.latencySeconds,
        basis: link == nil ? "between machines" : "given")
    }
    (usdPerHour, priceBasis) = (price.usdPerHour, price.basis)
  }

  /// The interval of how many times as long one takes as another, from the turns of each round, which
  /// a disturbance of the machine meets alike.
  private static func interval(
    of one: [[Double]], over other: [[Double]], times factor: Double
  ) -> [Double]? {
    let ratios = zip(one, other).map { one, other in
      factor * Quantile.median(of: one) / Quantile.median(of: other)
    }
    return Interval.geometric(ratios, confidence: 0.95).map { [$0.low, $0.high] }
  }

  /// The share of a step that its backward pass takes; batch-norm is half forward, half backward.
  private static func overlap(_ percent: [String: Double]) -> Double {
    let backward = (percent["backward-data"] ?? 0) + (percent["backward-weights"] ?? 0)
    return (backward + (percent["batch-norm"] ?? 0) / 2) / 100
  }
}
