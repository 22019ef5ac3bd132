import CShims

/// Takes timed samples of one workload on the calling thread.
///
/// A batch is `m` calls between one start and one stop; a sample is a batch's time per call. Between
/// start and stop nothing is allocated and nothing but the workload is called.
package final class Sampler {
  /// How long to warm up, and how calls are put together.
  package struct Settings: Hashable, Sendable {
    /// Seconds of warm-up at least, unless a single call is its own sample.
    package var warmupSeconds = 0.25
    /// Seconds after which sampling begins even if the times still drift.
    package var warmupCapSeconds = 3.0
    /// False where each call's own time is wanted, as for latencies.
    package var batchesCalls = true
    package init() {}
  }

  /// One timed batch.
  package struct Sample: Hashable, Sendable {
    /// Nanoseconds per call.
    package var nsPerCall: Double
    package var flags: Disturbance
  }

  /// A call this long is its own sample, and one of them is warm-up enough.
  package static let longCallSeconds = 0.1
  /// Batches of calls are made at least this long.
  package static let shortestBatchSeconds = 1e-3
  /// Nanoseconds of a batch at which disturbances still fit between samples.
  private static let preferredBatchNs = 1.5e6
  private static let flatWindow = 8
  private static let flatSlope = 0.005

  package let settings: Settings
  /// Calls in a batch; 1 until `warmUp()` has chosen, and what a comparison sets from then on.
  package var callsPerSample = 1
  /// Nanoseconds per call of each warm-up batch.
  package private(set) var warmupNs: [Double] = []
  package private(set) var isWarm = false

  private let workload: any Workload
  private let clock: Clock
  private let steal = StealCounter()
  /// Of the threads that there are after the first call.
  private lazy var waits = WaitCounter()

  package init(_ workload: any Workload, settings: Settings = Settings(), clock: Clock = .shared) {
    (self.workload, self.settings, self.clock) = (workload, settings, clock)
  }

  /// Calls the workload until its times are flat, and chooses the batch size.
  ///
  /// A call of 100 ms or more is called once. Others run for `warmupSeconds` at least and until the
  /// Theil–Sen slope over the last 8 batches is below 0.5 % per batch, or the cap is reached.
  package func warmUp() {
    if warmupNs.isEmpty { callOnce() }
    isWarm = true
    let first = warmupNs[0]
    if first >= Self.longCallSeconds * 1e9 { return }
    let begin = Clock.now()
    chooseBatchSize(firstNs: first)
    while true {
      let elapsed = Double(Clock.now() &- begin) * 1e-9
      if elapsed >= settings.warmupCapSeconds { return }
      warmupNs.append(timeBatch())
      if elapsed >= settings.warmupSeconds, warmupNs.count >= 3, isFlat { return }
    }
  }

  /// Calls the workload exactly once and keeps the time as warm-up.
  package func callOnce() {
    warmupNs.append(timeBatch())
    _ = waits
  }

  /// Times one batch, with what disturbed it.
  package func sample() -> Sample {
    let before = DisturbanceCounters.read(steal: steal, waits: waits)
    let nsPerCall = timeBatch()
    let after = DisturbanceCounters.read(steal: steal, waits: waits)
    let wall = nsPerCall * Double(callsPerSample) * 1e-9
    return Sample(
      nsPerCall: nsPerCall,
      flags: DisturbanceCounters.flags(from: before, to: after, wallSeconds: wall))
  }

  /// The smallest power of two of calls whose batch lasts `max(1.5 ms, 1000 × clock cost)`.
  private func chooseBatchSize(firstNs: Double) {
    guard settings.batchesCalls else { return }
    let floor = max(1000 * clock.costNs, Self.preferredBatchNs)
    var best = firstNs
    while callsPerSample < 1 << 24 {
      if best * Double(callsPerSample) >= floor {
        // One more look: a first call is slow, so the batch it suggests may be too short.
        best = min(best, timeBatch())
        if best * Double(callsPerSample) >= floor { return }
      }
      callsPerSample *= 2
    }
  }

  private var isFlat: Bool {
    guard warmupNs.count >= Self.flatWindow else { return false }
    let window = Array(warmupNs.suffix(Self.flatWindow))
    return abs(TheilSen.slope(window)) < Self.flatSlope * Quantile.median(of: window)
  }

  /// Nanoseconds per call of `callsPerSample` calls.
  private func timeBatch() -> Double {
    let (workload, calls) = (self.workload, callsPerSample)
    let start = Clock.now()
    for _ in 0..<calls { workload.run() }
    let stop = Clock.now()
    return Double(stop &- start) / Double(calls)
  }
}
