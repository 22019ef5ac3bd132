import Harness

/// The FMA peak as seen between the passes of something else on the same threads.
struct PeakMeter {
  private let probe: PeakWorkload
  private var best = Double.infinity

  init(threads: Int) {
    probe = PeakWorkload(
      id: CaseID(kind: "peak", subject: "fma", threads: threads), threads: threads)
  }

  /// Probes after a pass.
  mutating func sample() {
    // Several calls: during the first the other's own threads still spin beside the probe's.
    best = min(best, probe.shortestNs(ofCalls: 16))
  }

  /// The best rate so far, 10^9 operations a second.
  var gflops: Double { probe.executedFLOPs.count / best }
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
