/// Turns what the workers sent for one case into its record.
///
/// A pure function over its fields.
package struct CaseAssembly {
  static let impossiblePrefix = "impossible"

  /// Why a case refuses itself that computed faster than the machine can.
  ///
  /// - Parameter name: The case's id, where it is one.
  /// - Returns: The reason, a clause.
  static func impossibleReason(_ name: CaseID?) -> String {
    let count = name?.threads.map { " on \(Units.count($0, "thread"))" } ?? ""
    let peak = name?.precision?.rawValue ?? "FMA"
    return "\(impossiblePrefix): faster than the best \(peak) peak that was measured\(count)"
  }

  var request: CaseRequest
  var prepared: PreparedCase
  var correctness: CaseRecord.Correctness
  var processes: [CaseRecord.ProcessSamples] = []
  /// For each process, the FMA peak's samples of its round at the same thread count, ns per call.
  var peakSamples: [[Double]] = []
  /// Operations of one call of that probe.
  var peakFLOPs = 0.0
  /// The best single-thread FMA rate of any round, operations per ns; 0 where it was not probed.
  var bestSingleThreadRate = 0.0
  /// Whether the machine was busy: then a rate above the measured peak speaks against the peak.
  var machineWasBusy = false
  /// Reasons against the figures that came up while measuring.
  var doubts: [String] = []

  /// The parts of the case's id.
  private var name: CaseID? { CaseID(prepared.id) }

  /// The record; statistics and derived figures only where the answer was right.
  func record() -> CaseRecord {
    var reasons = doubts
    if correctness.status == .failed {
      let error = correctness.maxError.map { ", relative error \($0)" } ?? ""
      reasons.insert("wrong answer: it differs from the reference\(error)", at: 0)
    }
    let statistics =
      correctness.status == .failed ? nil : Summary.statistics(of: processes.map(\.samplesNs))
    if statistics == nil, reasons.isEmpty { reasons.append("not measured") }
    let derived = statistics.map { self.derived($0) } ?? CaseRecord.Derived()
    if !machineWasBusy, let statistics, let share = shareOfBestPeak(statistics),
      share > ShareOfPeak.most / 100
    {
      var name = self.name
      name?.threads = prepared.threads
      reasons.append(Self.impossibleReason(name))
    }
    var record = CaseRecord(
      id: prepared.id, kind: prepared.kind, parameters: prepared.parameters,
      algorithm: prepared.algorithm, flop: prepared.flop, correctness: correctness,
      accuracy: .init(status: prepared.kind.isNetwork ? "not evaluated" : "not applicable"),
      processes: processes, statistics: statistics, derived: derived,
      validity: .init(ok: reasons.isEmpty, reasons: reasons), repeat: request.repeat,
      origin: prepared.origin, requestsInFlight: prepared.requestsInFlight,
      batching: prepared.batching)
    if record.hasDisturbedMedian { record.derived.medianDisturbed = true }
    guard statistics != nil else { return record }
    record.energy = Energy.pooled(processes.compactMap(\.energy))
    record.derived.setEnergy(
      record.energy, of: processes, itemsPerCall: prepared.imagesPerCall)
    return record
  }

  private func derived(_ statistics: CaseRecord.Statistics) -> CaseRecord.Derived {
    var derived = CaseRecord.Derived()
    let median = statistics.medianNs
    if name?.precision == .int8 {
      if prepared.flop.direct > 0 {
        derived.gigaOperationsPerSecond = prepared.flop.direct / median
      }
    } else {
      if prepared.flop.direct > 0 { derived.gflopsDirect = prepared.flop.direct / median }
      if prepared.flop.executed > 0 { derived.gflopsExecuted = prepared.flop.executed / median }
    }
    derived.percentOfPeak = percentOfPeak()
    derived.gbPerS = prepared.bytesPerCall.map { $0 / median }
    if let count = prepared.imagesPerCall {
      derived.setRate(
        Double(count), of: prepared.workItem, statistics, tokens: prepared.tokensPerItem)
    }
    if prepared.kind.isInference {
      derived.latencyMs = PercentileRule.latency(ofNs: processes.flatMap(\.samplesNs))
    }
    if prepared.kind == .prefill {
      derived.timeToFirstTokenMs = 1e-6 * median
      derived.timeToFirstTokenMsCi95 = statistics.ci95Ns.map { $0.map { 1e-6 * $0 } }
    }
    derived.phasePercent = phasePercent()
    derived.peakMemoryBytes = processes.compactMap(\.peakMemoryBytes).max()
    return derived
  }

  /// Each phase's share of the time of all phases, over all processes.
  private func phasePercent() -> [String: Double]? {
    var sums: [String: Double] = [:]
    for process in processes { sums.merge(process.phaseNs ?? [:], uniquingKeysWith: +) }
    let total = sums.values.reduce(0, +)
    return total > 0 ? sums.mapValues { 100 * $0 / total } : nil
  }

  /// Both times at their 5th percentile within each process's round, then the geometric mean over
  /// processes.
  private func percentOfPeak() -> Double? {
    guard prepared.kind != .peak, prepared.flop.executed > 0, peakFLOPs > 0 else { return nil }
    let ratios = zip(processes, peakSamples).compactMap { process, peak -> Double? in
      guard !process.samplesNs.isEmpty, !peak.isEmpty else { return nil }
      let rate = prepared.flop.executed / Quantile.quantile(0.05, of: process.samplesNs)
      return rate / (peakFLOPs / Quantile.quantile(0.05, of: peak))
    }
    return ratios.isEmpty ? nil : 100 * Summary.geometricMean(ratios)
  }

  private func shareOfBestPeak(_ statistics: CaseRecord.Statistics) -> Double? {
    guard prepared.kind != .peak, prepared.flop.executed > 0, peakFLOPs > 0,
      let best = peakSamples.joined().min()
    else { return nil }
    // A probe on all cores finds no quiet moment on a busy machine, a probe on one core does; what
    // that makes of all cores is the ceiling, so that a neighbour's noise refuses nothing.
    let ceiling = max(peakFLOPs / best, Double(prepared.threads) * bestSingleThreadRate)
    return (prepared.flop.executed / statistics.p05Ns) / ceiling
  }
}
