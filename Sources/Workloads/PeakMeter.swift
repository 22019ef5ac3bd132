import Harness

/// The peak as seen between the passes of something else on the same threads: of FMA, or of products
/// of bytes or bfloat16.
package struct PeakMeter {
  private let probe: PeakWorkload
  private var best = Double.infinity
  /// The same on one thread; nil where that is the probe itself.
  private let single: PeakWorkload?
  private var bestSingle = Double.infinity

  init(threads: Int, precision: CaseID.Precision? = nil) {
    func probe(_ threads: Int) -> PeakWorkload {
      var id = CaseID(
        kind: "peak", subject: PeakWorkload.subject(of: precision), threads: threads)
      id.precision = precision
      return PeakWorkload(id: id, threads: threads)
    }
    (self.probe, single) = (probe(threads), threads > 1 ? probe(1) : nil)
  }

  /// Probes after a pass.
  mutating func sample() {
    // Several calls: during the first the other's own threads still spin beside the probe's.
    best = min(best, probe.shortestNs(ofCalls: 16))
    if let single { bestSingle = min(bestSingle, single.shortestNs(ofCalls: 4)) }
  }

  /// The best rate so far, 10^9 operations a second; nil where it is no `peak` of the others.
  func gflops(beside rates: [Double]) -> Double? {
    // What one thread does alone, several do at least.
    let alone = single.map { [$0.operations / bestSingle] } ?? []
    return Self.peak(probe.operations / best, beside: rates + alone)
  }

  /// A rate as the peak of others, or nil where one of them lies above it by more than a case's may:
  /// every probe was then disturbed, and shares of it would be false.
  package static func peak(_ gflops: Double, beside rates: [Double]) -> Double? {
    rates.allSatisfy { ShareOfPeak(rate: $0, ofPeak: gflops).percent != nil } ? gflops : nil
  }

  /// What is said where there is no peak.
  ///
  /// - Parameter precision: What it is of; nil for FMA.
  /// - Returns: A sentence or two.
  package static func disturbed(_ precision: CaseID.Precision?) -> String {
    let peak = precision?.rawValue ?? "FMA"
    return "every probe of the \(peak) peak was disturbed, for a layer or one thread alone was "
      + "faster; the peak and the shares of it are left out. Stop other work on this machine, then "
      + "repeat."
  }
}

extension Workload {
  /// Operations of one call as executed, on whatever numbers.
  fileprivate var operations: Double { integerOperations?.count ?? executedFLOPs.count }

  /// Nanoseconds of the shortest of some calls: what the machine does when nothing disturbs it.
  func shortestNs(ofCalls calls: Int) -> Double {
    (0..<calls).reduce(Double.infinity) { best, _ in
      let start = Clock.now()
      run()
      return min(best, Double(Clock.now() &- start))
    }
  }
}
