import Foundation

/// The statistics of a case from its processes' samples.
package enum Summary {
  /// Time per call over all processes.
  ///
  /// With two processes or more the estimate is the geometric mean of their medians and the
  /// interval is Student's t over the processes. With one it is that process's median, with an
  /// interval from at least 8 consecutive blocks, marked provisional; with fewer samples there is
  /// no interval.
  ///
  /// - Returns: nil where no process has a sample.
  package static func statistics(of processes: [[Double]]) -> CaseRecord.Statistics? {
    let filled = processes.filter { !$0.isEmpty }
    guard !filled.isEmpty else { return nil }
    let all = filled.flatMap { $0 }
    let medians = filled.map { Quantile.median(of: $0) }
    let quiet = filled.map { Quantile.quantile(0.05, of: $0) }
    let several = filled.count >= 2
    let interval =
      several
      ? Interval.geometric(medians, confidence: 0.95)
      : Interval.blocks(filled[0], confidence: 0.95)
    return CaseRecord.Statistics(
      medianNs: geometricMean(medians), ci95Ns: interval.map { [$0.low, $0.high] },
      ci95Method: interval.map { _ in several ? "processes" : "blocks" },
      p05Ns: geometricMean(quiet),
      relativeIqr: Quantile.relativeInterquartileRange(of: all), n: all.count,
      nEffective: filled.reduce(0) {
        $0 + Autocorrelation.effectiveSampleSize($1.map { log($0) })
      },
      minNs: all.min() ?? 0, maxNs: all.max() ?? 0, provisional: !several)
  }

  /// The n-th root of the product of `values`, which are above 0 and not empty.
  package static func geometricMean(_ values: [Double]) -> Double {
    precondition(!values.isEmpty && values.allSatisfy { $0 > 0 }, "a geometric mean of \(values)")
    if values.count == 1 { return values[0] }
    return exp(values.reduce(0) { $0 + log($1) } / Double(values.count))
  }
}
