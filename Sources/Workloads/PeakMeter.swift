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
    for _ in 0..<16 {
      let start = Clock.now()
      probe.run()
      best = min(best, Double(Clock.now() &- start))
    }
  }

  /// The best rate so far, 10^9 operations a second.
  var gflops: Double { probe.executedFLOPs.count / best }
}
