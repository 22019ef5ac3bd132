import Foundation

/// How many times as fast one case is as another that took turns with it in every round of a
/// measurement, with an interval: without one there is no such ratio.
///
/// Weaker than a race, whose turns are single batches: what changes within a turn stays in the
/// interval.
package struct PairedRounds: Hashable, Sendable {
  /// Time of the other over time of the first, of as many items: a call that answers several
  /// requests in flight computes more of them.
  package let speedup: Double
  /// The 95 % interval: t over processes, or the signed-rank test's over the turns of one.
  package let ci95: [Double]
  /// Logarithm of the speedup, and half of its interval there.
  let shift: Shift

  /// Pairs the processes of both by their place, and their turns within: a valid case has one
  /// process of each round, in the rounds' order.
  ///
  /// Nil unless both are valid, have as many processes, and support an interval.
  package init?(_ item: CaseRecord, beside other: CaseRecord) {
    guard item.validity.ok, other.validity.ok,
      item.processes.count == other.processes.count
    else { return nil }
    let pairs = zip(item.processes, other.processes)
    guard pairs.allSatisfy({ !$0.samplesNs.isEmpty && !$1.samplesNs.isEmpty }) else { return nil }
    let work = log(Self.work(of: item, beside: other))
    let differences = pairs.map { first, second in
      zip(first.turnMediansNs(beside: second), second.turnMediansNs(beside: first))
        .map { log($1 / $0) + work }
    }
    guard let shift = Shift(processes: differences, confidence: 0.95) else { return nil }
    self.shift = shift
    (speedup, ci95) = (shift.ratio, shift.ratioInterval)
  }

  /// Items of a call of the one over items of a call of the other; 1 where either has no rate.
  private static func work(of item: CaseRecord, beside other: CaseRecord) -> Double {
    guard let own = item.itemsPerCall, let others = other.itemsPerCall else { return 1 }
    return own / others
  }

  /// Whether the interval leaves open which of the two is faster.
  package var isUndecided: Bool { ci95[0] <= 1 && 1 <= ci95[1] }
}

extension CaseRecord {
  /// Images, sequences or positions that a call of a network computes, by its rate and median; nil
  /// where it has none.
  fileprivate var itemsPerCall: Double? {
    guard kind.isNetwork, let rate = derived.rate, let medianNs = statistics?.medianNs else {
      return nil
    }
    let items = (rate * medianNs / 1e9).rounded()
    return items >= 1 ? items : nil
  }
}

extension CaseRecord.ProcessSamples {
  /// The median of every turn, nanoseconds per call; of all samples at once where this process or
  /// the other ran alone.
  fileprivate func turnMediansNs(beside other: CaseRecord.ProcessSamples) -> [Double] {
    guard let turnSamples, other.turnSamples != nil,
      turnSamples.allSatisfy({ $0 > 0 }), turnSamples.reduce(0, +) == samplesNs.count
    else { return [Quantile.median(of: samplesNs)] }
    var start = 0
    return turnSamples.map { count in
      defer { start += count }
      return Quantile.median(of: Array(samplesNs[start..<(start + count)]))
    }
  }
}
