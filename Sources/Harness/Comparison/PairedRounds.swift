import Foundation

/// How many times as fast one case is as another that ran beside it in every round of a measurement.
///
/// Weaker than a race, where both take turns within a process: a round's two processes follow one
/// another, so what changes from one second to the next stays in the interval.
package struct PairedRounds: Hashable, Sendable {
  /// Time of a call of the other over time of a call of the first.
  package let speedup: Double
  /// The 95 % t interval over rounds; nil for fewer than two.
  package let ci95: [Double]?

  /// Pairs the processes of both by their place: a valid case has one of each round, in the rounds'
  /// order.
  ///
  /// Nil unless both are valid and have as many.
  package init?(_ item: CaseRecord, beside other: CaseRecord) {
    guard item.validity.ok, other.validity.ok, !item.processes.isEmpty,
      item.processes.count == other.processes.count
    else { return nil }
    let pairs = zip(item.processes, other.processes)
    guard pairs.allSatisfy({ !$0.samplesNs.isEmpty && !$1.samplesNs.isEmpty }) else { return nil }
    let differences = pairs.map { first, second in
      log(Quantile.median(of: second.samplesNs) / Quantile.median(of: first.samplesNs))
    }
    let shift = Shift(processes: differences.map { [$0] }, confidence: 0.95)
    speedup = exp(shift?.estimate ?? differences[0])
    ci95 = shift?.ratioInterval
  }
}
