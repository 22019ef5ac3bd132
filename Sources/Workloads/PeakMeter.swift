import Harness

/// The FMA peak as seen between the passes of something else on the same threads.
package struct PeakMeter {
  private let probe: PeakWorkload
  private var best = Double.infinity
  /// The same on one thread; nil where that is the probe itself.
  private let single: PeakWorkload?
  private var bestSingle = Double.infinity

  init(threads: Int) {
    func probe(_ threads: Int) -> PeakWorkload {
      PeakWorkload(id: CaseID(kind: "peak", subject: "fma", threads: threads), threads: threads)
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
    let alone = single.map { [$0.executedFLOPs.count / bestSingle] } ?? []
    return Self.peak(probe.executedFLOPs.count / best, beside: rates + alone)
  }

  /// A rate as the peak of others, or nil where one of them lies above it by more than a case's may:
  /// every probe was then disturbed, and shares of it would be false.
  package static func peak(_ gflops: Double, beside rates: [Double]) -> Double? {
    rates.allSatisfy { ShareOfPeak(rate: $0, ofPeak: gflops).percent != nil } ? gflops : nil
  }

  /// What is said where there is no peak.
  package static let disturbed =
    "every probe of the FMA peak was disturbed, for a layer or one thread alone was faster; the peak "
    + "and the shares of it are left out. Stop other work on this machine, then repeat."
}

extension Workload {
  /// Nanoseconds of the shortest of some calls: what the machine does when nothing disturbs it.
  func shortestNs(ofCalls calls: Int) -> Double {
    (0..<calls).reduce(Double.infinity) { best, _ in
      let start = Clock.now()
      run()
      return min(best, Double(Clock.now() &- start))
    }
  }
}
