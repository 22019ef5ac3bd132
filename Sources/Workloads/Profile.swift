import Basics
import Foundation
import Harness
import Kernels
import Programs

/// Where the time of a forward pass or training step goes, layer by layer and phase by phase.
package struct Profile: Codable, Sendable {
  /// One layer in one phase, or a phase of all layers.
  package struct Row: Codable, Sendable {
    /// `all` in a phase's sum.
    package var layer: String
    package var phase: String
    /// Output shape, `N H W C`; empty in sums, and for what belongs to no layer.
    package var output: [Int]
    /// Images of the batch that the layer computes at a time.
    package var imagesAtATime: Int
    /// The convolution's forward shape in benchdnn's manner; null for all else.
    @Nullable package var shape: String?
    /// How it is computed; null where there is one way, and in sums.
    @Nullable package var algorithm: String?
    /// What it multiplies; absent for float32, for what is not counted, and in sums of several.
    package var precision: CaseID.Precision?
    /// Median over the passes; in sums the sum of these.
    package var ns: Double
    package var percentOfTime: Double
    package var gflopsDirect: Double
    package var gflopsExecuted: Double
    /// Direct operations on whole numbers, 10^9 a second, where the layer multiplies bytes; else
    /// absent.
    package var gigaOperationsPerSecond: Double?
    /// Executed rate over the peak measured in the same passes, in percent; null without one, and
    /// where something else is multiplied than what the peak is of.
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
  /// What layers multiply; absent for float32.
  package var precision: CaseID.Precision?
  /// Layers in the order of the first unit of each.
  package var rows: [Row]
  package var phases: [Row]
  /// Sum of the units' medians.
  package var totalNs: Double
  /// Null where something else than images is handled.
  @Nullable package var imagesPerSecond: Double?
  /// What a pass handles some of: image, or position of a game.
  package var item: String
  package var itemsPerSecond: Double
  /// Of FMA, or of products of bytes or bfloat16 where layers multiply these, 10^9 operations a
  /// second; null where something was faster than every probe, all of them disturbed.
  @Nullable package var peakGflops: Double?
  /// What all convolutions of a forward pass reach of the peak, each weighted by its time, in percent.
  ///
  /// Of those that multiply what the peak is of. Absent in training, and without a peak.
  package var convolutionsPercentOfPeak: Double?
  /// Read bandwidth by level of memory, 10^9 bytes a second.
  package var bandwidthGbPerS: [String: Double]
  /// Passes, or steps of training, that were timed.
  package var passes: Int
  /// The same number under the name that it has for training.
  package var steps: Int

  /// Times every unit of the program that `infer` or `train` times, pass after pass.
  ///
  /// - Parameters:
  ///   - request: A case of inference or training.
  ///   - catalogue: What makes it, and the caches of this machine.
  ///   - seconds: How long to go on; three passes at least.
  /// - Throws: What the catalogue throws for the same request.
  package init(_ request: CaseRequest, catalogue: Catalogue, seconds: Double) throws {
    guard let workload = try catalogue.workload(for: request) as? any ProfiledWorkload else {
      throw Problem(.usage, "'\(request.id)' is not a case of a network.")
    }
    let bandwidths = BandwidthWorkload.Level.allCases.map { level in
      (level: level, gbPerS: Self.bandwidth(level, catalogue.caches, workload.threads))
    }
    var peak = PeakMeter(
      threads: workload.threads, precision: CaseID(workload.id)?.precision)
    var samples = workload.program.units.map { _ in [Double]() }
    workload.run()
    let begin = Clock.now()
    while samples[0].count < 3 || Double(Clock.now() &- begin) * 1e-9 < seconds {
      for index in samples.indices { samples[index].append(0) }
      var start = Clock.now()
      workload.run { unit in
        let end = Clock.now()
        samples[unit][samples[unit].count - 1] += Double(end &- start)
        start = end
      }
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
    _ workload: any ProfiledWorkload, _ samples: [[Double]], _ peak: PeakMeter,
    _ bandwidths: [(level: BandwidthWorkload.Level, gbPerS: Double)], _ caches: [Context.Cache]
  ) {
    let program = workload.program
    let ns = samples.map { Quantile.median(of: $0) }
    (id, passes, steps) = (workload.id, samples[0].count, samples[0].count)
    let total = ns.reduce(0, +)
    var work: [Work] = []
    for (index, unit) in program.units.enumerated() {
      let one = Work(unit, ns: ns[index])
      if let place = work.firstIndex(where: { $0.layer == one.layer && $0.phase == one.phase }) {
        work[place].add(one)
      } else {
        work.append(one)
      }
    }
    let precision = CaseID(workload.id)?.precision
    self.precision = precision
    // What a layer of float32 does is nothing beside a peak of bytes or bfloat16.
    let rivals = work.filter { $0.elements == [precision] }
    let gflops = peak.gflops(beside: rivals.map { $0.rate($0.executed) })
    let roofline = gflops.map {
      RooflineModel(peakGflops: $0, threads: workload.threads, levels: bandwidths, caches: caches)
    }
    rows = work.map { $0.row(total, roofline, of: precision, isSum: false) }
    // Steps of one process wait for no other.
    let shown = Program.Phase.allCases.filter { phase in
      phase != .allReduce || work.contains { $0.phase == phase }
    }
    phases = shown.map { phase in
      var sum = Work(layer: "all", phase: phase)
      for one in work where one.phase == phase { sum.add(one) }
      return sum.row(total, roofline, of: precision, isSum: true)
    }
    if workload.kind != .train {
      var convolutions = Work(layer: "convolutions", phase: .forward)
      for one in rivals where one.isConvolution { convolutions.add(one) }
      let share = ShareOfPeak(rate: convolutions.rate(convolutions.executed), ofPeak: gflops)
      convolutionsPercentOfPeak = convolutions.ns > 0 ? share.percent : nil
    }
    totalNs = total
    item = workload.item.name
    itemsPerSecond = Double(program.batch) * 1e9 / total
    _imagesPerSecond = Nullable(wrappedValue: workload.item == .image ? itemsPerSecond : nil)
    _peakGflops = Nullable(wrappedValue: gflops)
    bandwidthGbPerS = Dictionary(
      uniqueKeysWithValues: bandwidths.map { ($0.level.rawValue, $0.gbPerS) })
  }
}

/// A workload that is a program.
protocol ProfiledWorkload: Workload {
  /// What is timed.
  var program: Program { get }
  /// One call, telling of every unit that has ended.
  func run(finished: (_ unit: Int) -> Void)
}

extension ProfiledWorkload {
  var imagesPerCall: Int? { program.batch }
  var directFLOPs: FLOPs { program.ratedFLOPs(\.directFLOPs) }
  var executedFLOPs: FLOPs { program.ratedFLOPs(\.executedFLOPs) }
  var float32FLOPs: FLOPs { program.float32FLOPsBeside }
}

/// Time and work of some units of a step.
private struct Work {
  var layer: String
  var phase: Program.Phase
  var output: [Int] = []
  var images = 0
  var conv: ConvShape?
  /// Whether its filters go over images, which those of a fully connected layer do not.
  var isConvolution = false
  /// Element types of what is multiplied in it, nil for float32; empty where nothing is counted.
  var elements: Set<CaseID.Precision?> = []
  var algorithm: String?
  var ns = 0.0
  var direct = 0.0
  var executed = 0.0
  var bytes = 0

  init(layer: String, phase: Program.Phase) { (self.layer, self.phase) = (layer, phase) }

  /// A unit.
  init(_ unit: Program.Unit, ns: Double) {
    self.init(layer: unit.name, phase: unit.phase)
    let shape = unit.output
    // Rows are images of one pixel.
    output = shape.rank == 2 ? [shape.N, 1, 1, shape.C] : shape.dimensions
    (conv, images) = (unit.conv, unit.images)
    isConvolution = unit.conv.map { $0.P * $0.Q > 1 || $0.R * $0.S > 1 } ?? false
    algorithm = unit.algorithm?.rawValue ?? unit.kernelName
    (self.ns, bytes) = (ns, unit.leastBytes)
    (direct, executed) = (unit.directFLOPs.count, unit.executedFLOPs.count)
    if executed > 0 { elements = [Self.element(of: unit)] }
  }

  private static func element(of unit: Program.Unit) -> CaseID.Precision? {
    if unit.isOnBytes { return .int8 }
    return unit.isOnBFloat16 ? .bf16 : nil
  }

  mutating func add(_ other: Work) {
    (conv, algorithm) = (conv ?? other.conv, algorithm ?? other.algorithm)
    isConvolution = isConvolution || other.isConvolution
    elements.formUnion(other.elements)
    ns += other.ns
    direct += other.direct
    executed += other.executed
    bytes += other.bytes
  }

  /// An amount over the time.
  func rate(_ amount: Double) -> Double { ns > 0 ? amount / ns : 0 }

  /// A row of a table; `precision` tells what the ceilings are of.
  func row(
    _ totalNs: Double, _ roofline: RooflineModel?, of precision: CaseID.Precision?, isSum: Bool
  ) -> Profile.Row {
    let model = elements.isSubset(of: [precision]) ? roofline : nil
    // What multiplies several types has none of its own.
    let own = CaseID.Precision.allCases.first { elements == [$0] }
    return Profile.Row(
      layer: layer, phase: phase.rawValue, output: isSum ? [] : output, imagesAtATime: images,
      shape: isSum ? nil : conv?.description, algorithm: isSum ? nil : algorithm, precision: own,
      ns: ns, percentOfTime: 100 * ns / totalNs,
      gflopsDirect: rate(direct), gflopsExecuted: rate(executed),
      gigaOperationsPerSecond: own == .int8 ? rate(direct) : nil,
      percentOfPeak: ShareOfPeak(rate: rate(executed), ofPeak: model?.peakGflops).percent,
      leastBytes: bytes, gbPerS: rate(Double(bytes)),
      bound: isSum ? nil : model?.bound(flop: executed, bytes: Double(bytes), ns: ns).rawValue)
  }
}
