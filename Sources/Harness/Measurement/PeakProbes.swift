import Basics

/// The peak of each thread count, measured again in every round and every while within it.
struct PeakProbes {
  /// Seconds of one probe.
  static let seconds = 0.15
  /// Seconds after which a probe of this round no longer speaks for the present.
  private static let freshSeconds = 20.0

  let requests: [Int: CaseRequest]
  /// What is multiplied; nil for FMA.
  let precision: CaseID.Precision?
  /// Operations of one call of each probe.
  private(set) var flops: [Int: Double] = [:]
  private var samples: [Int: [[Double]]] = [:]
  private var takenAt: [Int: (round: Int, ns: UInt64)] = [:]

  init(requests: [Int: CaseRequest], precision: CaseID.Precision? = nil) {
    (self.requests, self.precision) = (requests, precision)
  }

  /// Probes the peak at `threads` unless that was done a moment ago in the same round.
  mutating func refresh(
    threads: Int, round: Int, for measurement: Measurement
  ) throws(Problem) {
    guard let request = requests[threads] else { return }
    if let last = takenAt[threads], last.round == round,
      Double(Clock.now() &- last.ns) * 1e-9 < Self.freshSeconds
    {
      return
    }
    let (prepared, taken) = try measurement.probe(request)
    take(taken, flop: prepared.flop.executed, threads: threads, round: round)
    takenAt[threads] = (round, Clock.now())
    measurement.probed(
      threads: threads, round: round, flop: prepared.flop.executed, samplesNs: taken,
      precision: precision)
  }

  /// Adds the samples of one probe, nanoseconds per call of `flop` operations.
  mutating func take(_ taken: [Double], flop: Double, threads: Int, round: Int) {
    flops[threads] = flop
    var rounds = samples[threads] ?? []
    while rounds.count <= round { rounds.append([]) }
    rounds[round] += taken
    samples[threads] = rounds
  }

  /// All samples of one round at one thread count, nanoseconds per call.
  func samples(threads: Int, round: Int) -> [Double] {
    guard let rounds = samples[threads], rounds.indices.contains(round) else { return [] }
    return rounds[round]
  }

  /// The best rate of any round at one thread count, operations per ns; 0 where none was probed.
  func bestRate(threads: Int) -> Double {
    guard let best = samples[threads]?.joined().min(), let work = flops[threads] else { return 0 }
    return work / best
  }

  /// One record per thread count: the FMA rate and the bandwidth of the slowest level, both at the
  /// 5th percentile of the time.
  func records(
    with cases: [CaseRecord], prepared: [String: PreparedCase]
  ) -> [ResultRecord.Peak] {
    var bandwidth: [Int: Double] = [:]
    var fma: [Int: Double] = [:]
    // Of the probes of all rounds; of the case alone where there was none.
    var times = samples.mapValues { $0.flatMap { $0 } }.filter { !$0.value.isEmpty }
    for record in cases where record.kind == .peak && record.name.precision == precision {
      guard let threads = prepared[record.id]?.threads, let statistics = record.statistics else {
        continue
      }
      if let bytes = prepared[record.id]?.bytesPerCall {
        let rate = bytes / statistics.p05Ns
        bandwidth[threads] = min(rate, bandwidth[threads] ?? rate)
      } else {
        fma[threads] = record.flop.executed / statistics.p05Ns
        if times[threads] == nil { times[threads] = record.processes.flatMap(\.samplesNs) }
      }
    }
    for (threads, all) in times {
      guard let work = flops[threads] else { continue }
      fma[threads] = max(work / Quantile.quantile(0.05, of: all), fma[threads] ?? 0)
    }
    if let precision {
      return fma.sorted { $0.key < $1.key }.map { threads, rate in
        var peak = ResultRecord.Peak(threads: threads, precision: precision, rate: rate)
        if let times = times[threads], !Self.isSteady(times) { peak.disturb() }
        return peak
      }
    }
    return Set(fma.keys).union(bandwidth.keys).sorted().map {
      var peak = ResultRecord.Peak(
        threads: $0, fmaGflops: fma[$0], bandwidthGbPerS: bandwidth[$0])
      if let times = times[$0], !Self.isSteady(times) { peak.disturb() }
      return peak
    }
  }

  /// Whether most times are near to the fast ones, which are then the machine's and no moment's.
  ///
  /// More is not asked: a probe on two threads can have its 90th percentile above this bound on a
  /// quiet machine whose hypervisor takes 0.8 % of the time, and its fast times are right all the
  /// same. A neighbour that makes every time alike too slow is seen by the CPU time that it uses
  /// (`mostOthersBesideAPeak`).
  static func isSteady(_ times: [Double]) -> Bool {
    Quantile.median(of: times) <= 1.25 * Quantile.quantile(0.05, of: times)
  }

  /// Relative interquartile range of the one-thread probe, in percent; nil without one.
  var controlSpreadPercent: Double? {
    let all = samples[1]?.flatMap { $0 } ?? []
    return all.count < 4 ? nil : 100 * Quantile.relativeInterquartileRange(of: all)
  }
}
