import Foundation
import Harness
import Kernels
import Networks

/// Where the time of a training step goes, layer by layer and phase by phase.
package struct TrainingProfile: Codable, Sendable {
  /// One layer in one phase, or a phase of all layers.
  package struct Row: Codable, Sendable {
    /// `all` in a phase's sum.
    package var layer: String
    package var phase: String
    /// The convolution's forward shape in benchdnn's manner; null for all else.
    @Nullable package var shape: String?
    /// How it is computed; null where there is one way, and in sums.
    @Nullable package var algorithm: String?
    /// Median over the steps; in sums the sum of these.
    package var ns: Double
    package var percentOfTime: Double
    package var gflopsDirect: Double
    package var gflopsExecuted: Double
    /// Executed rate over the FMA peak measured in the same steps, in percent; null without one.
    @Nullable package var percentOfPeak: Double?
    /// Bytes of all operands, each moved once.
    package var leastBytes: Int
    /// These bytes over the time.
    package var gbPerS: Double
    /// What the roofline model says holds it back: compute, L2, L3, DRAM or overhead; null in
    /// sums, and without a peak.
    @Nullable package var bound: String?
  }

  /// Id of the case: network, batch, threads, engine.
  package var id: String
  /// Layers in the order of the step's first unit of each.
  package var rows: [Row]
  package var phases: [Row]
  /// Sum of the units' medians.
  package var totalNs: Double
  package var imagesPerSecond: Double
  /// Null where something was faster than every probe, all of them disturbed.
  @Nullable package var peakGflops: Double?
  /// Read bandwidth by level of memory, 10^9 bytes a second.
  package var bandwidthGbPerS: [String: Double]
  package var steps: Int

  /// Times every unit of the step that `train` times, step after step.
  ///
  /// - Parameters:
  ///   - request: A training case.
  ///   - catalogue: What makes it, and the caches of this machine.
  ///   - seconds: How long to go on; three steps at least.
  /// - Throws: What the catalogue throws for the same request.
  package init(_ request: CaseRequest, catalogue: Catalogue, seconds: Double) throws {
    let workload = try catalogue.trainingStep(for: request)
    let bandwidths = BandwidthWorkload.Level.allCases.map { level in
      (level: level, gbPerS: Self.bandwidth(level, catalogue.caches, workload.threads))
    }
    var peak = PeakMeter(threads: workload.threads)
    var samples = workload.plan.units.map { _ in [Double]() }
    workload.run()
    let begin = Clock.now()
    while samples[0].count < 3 || Double(Clock.now() &- begin) * 1e-9 < seconds {
      workload.run { unit, ns in samples[unit].append(ns) }
      peak.sample()
    }
    self.init(workload, samples, peak, bandwidths, catalogue.caches)
  }

  /// The best of a few readings of a working set that lives in one level.
  private static func bandwidth(
    _ level: BandwidthWorkload.Level, _ caches: [Context.Cache], _ threads: Int
  ) -> Double {
    let probe = BandwidthWorkload(
      id: CaseID(kind: "peak", subject: "read-\(level.rawValue)", threads: threads), level: level,
      caches: caches, threads: threads)
    probe.run()
    return (probe.bytesPerCall ?? 0) / probe.shortestNs(ofCalls: 8)
  }

  private init(
    _ workload: TrainWorkload, _ samples: [[Double]], _ peak: PeakMeter,
    _ bandwidths: [(level: BandwidthWorkload.Level, gbPerS: Double)], _ caches: [Context.Cache]
  ) {
    let plan = workload.plan
    let ns = samples.map { Quantile.median(of: $0) }
    (id, steps) = (workload.id, samples[0].count)
    let total = ns.reduce(0, +)
    var work: [Work] = []
    for (index, unit) in plan.units.enumerated() {
      let one = Work(unit, ns: ns[index], bytes: plan.leastBytes(ofUnit: index))
      if let place = work.firstIndex(where: { $0.layer == one.layer && $0.phase == one.phase }) {
        work[place].add(one)
      } else {
        work.append(one)
      }
    }
    let gflops = peak.gflops(beside: work.map { $0.rate($0.executed) })
    let roofs = gflops.map {
      RooflineModel(
        peakGflops: $0, threads: workload.threads, levels: bandwidths, caches: caches)
    }
    rows = work.map { $0.row(total, roofs, isSum: false) }
    phases = TrainingPlan.Phase.allCases.map { phase in
      var sum = Work(layer: "all", phase: phase)
      for one in work where one.phase == phase { sum.add(one) }
      return sum.row(total, roofs, isSum: true)
    }
    totalNs = total
    imagesPerSecond = Double(plan.imageShape.N) * 1e9 / total
    _peakGflops = Nullable(wrappedValue: gflops)
    bandwidthGbPerS = Dictionary(
      uniqueKeysWithValues: bandwidths.map { ($0.level.rawValue, $0.gbPerS) })
  }
}

/// Time and work of some units of a step.
private struct Work {
  var layer: String
  var phase: TrainingPlan.Phase
  var conv: ConvShape?
  var algorithm: ConvAlgorithm?
  var ns = 0.0
  var direct = 0.0
  var executed = 0.0
  var bytes = 0

  init(layer: String, phase: TrainingPlan.Phase) { (self.layer, self.phase) = (layer, phase) }

  init(_ unit: TrainingPlan.Unit, ns: Double, bytes: Int) {
    self.init(layer: unit.name, phase: unit.phase)
    (conv, algorithm, self.ns, self.bytes) = (unit.conv, unit.algorithm, ns, bytes)
    (direct, executed) = (unit.directFLOPs.count, unit.executedFLOPs.count)
  }

  mutating func add(_ other: Work) {
    (conv, algorithm) = (conv ?? other.conv, algorithm ?? other.algorithm)
    ns += other.ns
    direct += other.direct
    executed += other.executed
    bytes += other.bytes
  }

  /// An amount over the time.
  func rate(_ amount: Double) -> Double { ns > 0 ? amount / ns : 0 }

  func row(_ totalNs: Double, _ roofs: RooflineModel?, isSum: Bool) -> TrainingProfile.Row {
    TrainingProfile.Row(
      layer: layer, phase: phase.rawValue, shape: isSum ? nil : conv?.description,
      algorithm: isSum ? nil : algorithm?.rawValue, ns: ns, percentOfTime: 100 * ns / totalNs,
      gflopsDirect: rate(direct), gflopsExecuted: rate(executed),
      percentOfPeak: ShareOfPeak(rate: rate(executed), ofPeak: roofs?.peakGflops).percent,
      leastBytes: bytes,
      gbPerS: rate(Double(bytes)),
      bound: isSum ? nil : roofs?.bound(flop: executed, bytes: Double(bytes), ns: ns).rawValue)
  }
}
