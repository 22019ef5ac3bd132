import Foundation
import Harness

/// The roofline model (Williams, Waterman and Patterson, 2009) over this machine's measured ceilings.
///
/// A case has work and a least number of bytes to move; the ceiling over it is the lower of the peak
/// of what it multiplies, FMA or products of bytes, and what the level that holds its working set can
/// feed. A pure function over a record.
package struct RooflineModel: Sendable {
  /// The peak at this thread count, 10^9 operations a second.
  package let peakGflops: Double
  package let threads: Int
  /// What is multiplied; nil for float32.
  package let precision: CaseID.Precision?
  /// Read bandwidth by level, the nearest first, 10^9 bytes a second.
  package let levels: [(level: BandwidthWorkload.Level, gbPerS: Double)]
  private let caches: [Context.Cache]

  /// The ceilings of a record, where it has them at that thread count and in that precision.
  package init?(record: ResultRecord, threads: Int, precision: CaseID.Precision? = nil) {
    let own = record.peaks.first { $0.threads == threads && $0.precision == precision }
    guard let peak = own?.rate else { return nil }
    let levels = BandwidthWorkload.Level.allCases.compactMap { level in
      record.cases.first { $0.id == "peak/read-\(level.rawValue)/t\(threads)" }?.derived.gbPerS
        .map { (level: level, gbPerS: $0) }
    }
    guard levels.count == BandwidthWorkload.Level.allCases.count else { return nil }
    self.init(
      peakGflops: peak, threads: threads, levels: levels, caches: record.context.machine.caches,
      precision: precision)
  }

  init(
    peakGflops: Double, threads: Int, levels: [(level: BandwidthWorkload.Level, gbPerS: Double)],
    caches: [Context.Cache], precision: CaseID.Precision? = nil
  ) {
    (self.peakGflops, self.threads, self.levels) = (peakGflops, threads, levels)
    (self.caches, self.precision) = (caches, precision)
  }

  /// What holds a case back.
  package enum Bound: String, Sendable {
    case compute
    case l2 = "L2"
    case l3 = "L3"
    case dram = "DRAM"
    /// Far below the ceiling: the time goes into neither arithmetic nor memory.
    case overhead
  }

  /// A case under the ceilings.
  package struct Placement: Sendable {
    /// Executed operations per byte that has to move.
    package var flopPerByte: Double
    package var gflops: Double
    /// The ceiling over that intensity, 10^9 operations a second.
    package var roofGflops: Double
    package var bound: Bound
    /// Median time above what the ceiling allows, in milliseconds a call.
    package var lostMs: Double
    package var percentOfRoof: Double { 100 * gflops / roofGflops }

    package init(
      flopPerByte: Double, gflops: Double, roofGflops: Double, bound: Bound, lostMs: Double
    ) {
      (self.flopPerByte, self.gflops, self.roofGflops) = (flopPerByte, gflops, roofGflops)
      (self.bound, self.lostMs) = (bound, lostMs)
    }
  }

  /// Share of the ceiling below which neither arithmetic nor memory explains the time.
  private static let overheadShare = 0.5

  /// Places a case of the model's precision that has a rate and names its `minimum_bytes`.
  package func place(_ item: CaseRecord) -> Placement? {
    guard item.validity.ok, item.name.precision == precision, let statistics = item.statistics,
      item.flop.executed > 0,
      case .number(let bytes)? = item.parameters["minimum_bytes"], bytes > 0
    else { return nil }
    let (flop, ns) = (item.flop.executed, statistics.medianNs)
    let leastNs = leastNs(flop: flop, bytes: bytes)
    return Placement(
      flopPerByte: flop / bytes, gflops: flop / ns, roofGflops: flop / leastNs,
      bound: bound(flop: flop, bytes: bytes, ns: ns), lostMs: max(0, ns - leastNs) * 1e-6)
  }

  /// What holds work back that took `ns` nanoseconds; it may be nothing but moving bytes.
  func bound(flop: Double, bytes: Double, ns: Double) -> Bound {
    let leastNs = leastNs(flop: flop, bytes: bytes)
    if leastNs < Self.overheadShare * ns { return .overhead }
    return leastNs > flop / peakGflops ? home(ofBytes: Int(bytes)).bound : .compute
  }

  /// Nanoseconds that the ceilings allow.
  private func leastNs(flop: Double, bytes: Double) -> Double {
    max(flop / peakGflops, bytes / bandwidth(of: home(ofBytes: Int(bytes))))
  }

  /// The nearest level that holds the working set; private caches count once a thread.
  private func home(ofBytes bytes: Int) -> BandwidthWorkload.Level {
    if bytes <= (caches.bytes(ofLevel: 2) ?? 0) * threads { return .l2 }
    return bytes <= caches.bytes(ofLevel: 3) ?? 0 ? .l3 : .dram
  }

  private func bandwidth(of level: BandwidthWorkload.Level) -> Double {
    levels.first { $0.level == level }?.gbPerS ?? .infinity
  }
}

extension BandwidthWorkload.Level {
  fileprivate var bound: RooflineModel.Bound {
    switch self {
    case .l1, .l2: .l2
    case .l3: .l3
    case .dram: .dram
    }
  }
}
