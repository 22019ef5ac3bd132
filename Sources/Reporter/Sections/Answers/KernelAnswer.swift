import Harness

/// What a run says first that measured kernels or roofs alone.
extension Report {
  /// Our kernels beside the rival's, else how near the nearest comes to the peak, else the peak.
  var kernelAnswer: String {
    if let ratios = engineRatios {
      let mean = Wording.ratio(.init(ratios.geometricMean, interval: ratios.interval))
      let count = ratios.rows.count
      return count == 1
        ? "'\(ratios.engine)' is \(mean) as fast as '\(ratios.rival)' on this machine."
        : "'\(ratios.engine)' is \(mean) as fast as '\(ratios.rival)' on this machine, in the "
          + "geometric mean of \(count) shapes."
    }
    if let best = peakShares.map(\.best).max() {
      let busy = machineWasBusy ? " while the machine was busy" : ""
      return "Kernels reach up to \(NumberFormat.significant(best)) % of this machine's "
        + "measured \(peakOfKernels) peak\(busy)."
    }
    guard let peak = record.bestPeak, let gflops = peak.fmaGflops else {
      return record.peaks.contains(where: \.isDisturbed)
        ? "What this machine can do at best is not known: its measured peak was disturbed."
        : "Nothing gave a valid result in this run."
    }
    return "This machine's arithmetic reaches \(NumberFormat.significant(gflops)) GFLOP/s at best, "
      + "on \(Wording.threads(peak.threads))."
  }

  /// The ratio, each engine's share of the peak, and the peak itself.
  var kernelFacts: [Document.Fact] {
    var facts: [Document.Fact] = []
    if let ratios = engineRatios {
      facts.append(
        .init(
          label: "\(ratios.engine) beside \(ratios.rival)",
          value: NumberFormat.significant(ratios.geometricMean) + "x", number: nil,
          unit: "as fast", interval: "95 % \(Wording.interval(ratios.interval))",
          basis: "geometric mean, turn by turn; at least as fast on \(ratios.ahead) of "
            + Units.count(ratios.rows.count, "shape")))
    }
    for shares in peakShares {
      let median = NumberFormat.significant(shares.median)
      facts.append(
        .init(
          label: "Share of peak, \(shares.engine)", value: NumberFormat.significant(shares.best),
          number: shares.best, unit: "% at best", interval: "",
          basis: "\(shares.bestCase); the median of \(shares.count) is \(median) %"))
    }
    if let peak = record.bestPeak, let gflops = peak.fmaGflops {
      facts.append(
        .init(
          label: "Measured FMA peak", value: NumberFormat.significant(gflops), number: gflops,
          unit: "GFLOP/s", interval: "", basis: Wording.threads(peak.threads)))
    }
    for precision in CaseID.Precision.allCases {
      guard let peak = record.bestPeak(of: precision), let rate = peak.rate else { continue }
      facts.append(
        .init(
          label: "Measured \(precision.rawValue) peak", value: NumberFormat.significant(rate),
          number: rate, unit: peak.rateUnit, interval: "", basis: Wording.threads(peak.threads)))
    }
    return facts
  }

  /// The peak that the kernels' shares are of, by name; that of FMA where there are several.
  private var peakOfKernels: String {
    let kernels = record.cases.filter { $0.kind == .gemm || $0.kind == .conv }
    let precisions = Set(kernels.map(\.name.precision))
    return precisions.count == 1 ? precisions.first.flatMap { $0?.rawValue } ?? "FMA" : "FMA"
  }
}
