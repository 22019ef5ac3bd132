extension ResultRecord {
  /// The record without what cannot be so, and with what its run could not establish said first.
  ///
  /// Peaks that other work exceeded or ran beside are none, and no case has a share of them. Applied
  /// to a record of an earlier version it gives what that should have said; applied twice it changes
  /// nothing.
  package func withholdingTheImpossible() -> ResultRecord {
    var record = self
    let others = context.noise.otherProcessesPercent ?? 0
    let hasCompany = others > Quietness.mostOthersBesideAPeak
    for index in record.peaks.indices where hasCompany || isExceeded(peaks[index]) {
      record.peaks[index].disturb()
    }
    let disturbed = record.peaks.filter(\.isDisturbed)
    for index in record.cases.indices {
      let item = record.cases[index]
      let isOfThem = disturbed.contains { $0.isOf(item) }
      guard let percent = item.derived.percentOfPeak,
        ShareOfPeak(percent, isDisturbed: isOfThem) == .disturbed
      else { continue }
      record.cases[index].derived.percentOfPeak = nil
      record.cases[index].derived.percentOfPeakWithheld = "peak disturbed"
    }
    // A probe is impossible for a reason of its own, below.
    for index in record.cases.indices
    where record.cases[index].isImpossible && record.cases[index].kind != .peak {
      record.cases[index].validity.reasons = record.cases[index].validity.reasons.map {
        // Earlier versions put the share itself into the reason.
        $0.hasPrefix(CaseAssembly.impossiblePrefix)
          ? CaseAssembly.impossibleReason(record.cases[index].name) : $0
      }
    }
    for index in record.cases.indices where reachesTooMuch(record.cases[index]) {
      record.cases[index].derived.gbPerS = nil
      record.cases[index].validity = .init(
        ok: false, reasons: ["\(CaseAssembly.impossiblePrefix): faster than a core can load"])
    }
    let found = RunValidity(of: record)
    if record.validity == nil || !found.ok { record.validity = found }
    return record
  }

  /// Whether a case read more bytes than loads can bring beside so many multiply-adds.
  ///
  /// A core loads at most three vectors while it multiplies and adds one, its two operations an
  /// element: 6 bytes an operation in float32. A probe beyond that did not read what it counts.
  private func reachesTooMuch(_ item: CaseRecord) -> Bool {
    guard let rate = item.derived.gbPerS,
      let peak = peaks.first(where: { $0.threads == item.name.threads && $0.precision == nil }),
      let gflops = peak.fmaGflops ?? peak.disturbedFmaGflops
    else { return false }
    return rate > 6 * gflops
  }

  /// Whether something did more than this peak, the best of all rounds: fewer threads, or a case by
  /// so much that it was no moment's chance.
  private func isExceeded(_ peak: Peak) -> Bool {
    guard let gflops = peak.rate else { return false }
    let fewer = peaks.filter { $0.threads < peak.threads && $0.precision == peak.precision }
      .compactMap { $0.rate ?? $0.disturbedRate }
    if fewer.contains(where: { 100 * $0 > ShareOfPeak.most * gflops }) { return true }
    return cases.contains { item in
      item.validity.ok && peak.isOf(item)
        && 100 * (item.executedGflopsAtBest ?? 0) > ShareOfPeak.mostOfOneMoment * gflops
    }
  }
}

extension ResultRecord.Peak {
  /// Whether the probe of the peak was disturbed, so that there is none.
  package var isDisturbed: Bool { disturbedRate != nil }

  /// What the probe reached where that is no peak.
  package var disturbedRate: Double? { disturbedFmaGflops ?? disturbedGigaOperationsPerSecond }

  /// Whether a case computes on so many threads and with such elements.
  func isOf(_ item: CaseRecord) -> Bool {
    item.name.threads == threads && item.name.precision == precision
  }

  /// Takes the rate for what it is: less than the machine can do.
  mutating func disturb() {
    if let gflops = fmaGflops { (fmaGflops, disturbedFmaGflops) = (nil, gflops) }
    if let rate = gigaOperationsPerSecond {
      (gigaOperationsPerSecond, disturbedGigaOperationsPerSecond) = (nil, rate)
    }
  }
}

extension CaseRecord {
  /// 10^9 operations a second, the time at its 5th percentile; nil for probes and without samples.
  fileprivate var executedGflopsAtBest: Double? {
    guard kind != .peak, flop.executed > 0, let statistics, statistics.p05Ns > 0 else { return nil }
    return flop.executed / statistics.p05Ns
  }

  /// Share of the samples during which something else had the CPU, in percent; nil without samples.
  package var disturbedSamplesPercent: Double? {
    Disturbance.percent(of: processes.flatMap(\.flags), with: [.preempt, .steal])
  }

  /// Whether the median time is that of a machine that did something else meanwhile: far from the
  /// fast samples, or, of calls that are shorter than a time slice, with many samples disturbed.
  ///
  /// Long calls are preempted for a moment on every machine, which moves their median by nothing.
  package var hasDisturbedMedian: Bool {
    if derived.medianDisturbed == true { return true }
    guard let statistics, statistics.p05Ns > 0 else { return false }
    if statistics.medianNs > 1.5 * statistics.p05Ns { return true }
    guard !kind.isNetwork else { return false }
    return (disturbedSamplesPercent ?? 0) > 25
  }
}
