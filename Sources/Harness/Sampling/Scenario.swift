/// How queries arrive and are counted: the scenarios of MLPerf Inference in which the next query
/// waits for the one before, or in which there is but one.
///
/// Source: MLPerf Inference Rules, "Scenarios", "LoadGen Operation" and the appendix on early
/// stopping; the percentiles and counts are those of LoadGen's `mlperf.conf`.
package enum Scenario: Hashable, Sendable {
  /// Queries of one sample.
  case singleStream
  /// Queries of several samples.
  case multiStream(samples: Int)
  /// One query of at least so many samples.
  case offline(samples: Int)

  /// Seconds that a run lasts at least by the rules.
  package static let ruleSeconds = 600.0
  /// Samples of a query of several by the rules.
  package static let ruleStreams = 8
  /// Samples of the one query at least by the rules.
  package static let ruleSamples = 24_576

  package var name: String {
    switch self {
    case .singleStream: "single-stream"
    case .multiStream: "multi-stream"
    case .offline: "offline"
    }
  }

  /// Of the latencies, such as 0.9; nil where the rate is what counts.
  package var percentile: Double? {
    switch self {
    case .singleStream: 0.9
    case .multiStream: 0.99
    case .offline: nil
    }
  }

  /// Queries without which there is no figure: 64 or 662 by the rule of early stopping, or one.
  package var minimumQueries: Int {
    percentile.map { PercentileRule.minimumQueries(percentile: $0) } ?? 1
  }

  /// Calls that a run has at least.
  ///
  /// - Parameter batch: Samples of a call, above 0.
  /// - Returns: One call a query, or as many as have all samples of the one query.
  package func minimumCalls(batch: Int) -> Int {
    precondition(batch > 0, "a batch of \(batch)")
    guard case .offline(let samples) = self else { return minimumQueries }
    return (samples + batch - 1) / batch
  }

  /// The preset in which a case is measured by these rules: each process is a run, which goes on
  /// until both its calls and its time are reached, however narrow its interval is.
  ///
  /// - Parameters:
  ///   - preset: Whose time is kept.
  ///   - batch: Samples of a call.
  ///   - processes: Runs; one, as the rules have it, where nil.
  /// - Returns: The preset.
  package func preset(_ preset: Preset, batch: Int, processes: Int?) -> Preset {
    var preset = preset.withProcesses(processes ?? 1)
    preset.minimumSamples = minimumCalls(batch: batch)
    preset.stopsEarly = false
    preset.wholeRunSeconds = .infinity
    return preset
  }
}
