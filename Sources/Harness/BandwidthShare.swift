extension ResultRecord {
  /// The record with the share of the measured memory bandwidth that each step of text generation
  /// reaches: the fewest bytes that it can move over its time at the 5th percentile, over what the
  /// probe reads.
  ///
  /// A step that is faster than the probe by more than noise says that the probe was disturbed, or
  /// that a cache held what the step reads; no share is told then.
  package func withBandwidthShares() -> ResultRecord {
    var record = self
    for index in record.cases.indices where record.cases[index].kind == .decode {
      let item = record.cases[index]
      let peak = peaks.first { $0.isOf(item) }?.bandwidthGbPerS
      guard let rate = item.derived.gbPerS, let statistics = item.statistics, let peak,
        statistics.p05Ns > 0
      else { continue }
      let fast = rate * statistics.medianNs / statistics.p05Ns
      let share = ShareOfPeak(rate: fast, ofPeak: peak)
      record.cases[index].derived.percentOfBandwidth = share.percent
      record.cases[index].derived.percentOfBandwidthWithheld =
        share == .disturbed ? "faster than the bandwidth probe" : nil
    }
    return record
  }
}

extension CaseRecord {
  /// The share of the measured memory bandwidth that the case may show.
  package var shareOfBandwidth: ShareOfPeak {
    ShareOfPeak(
      derived.percentOfBandwidth, isDisturbed: derived.percentOfBandwidthWithheld != nil)
  }
}
