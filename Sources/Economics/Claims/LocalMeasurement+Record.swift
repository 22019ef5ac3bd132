import Harness

extension LocalMeasurement {
  /// What a record says of this machine, as far as its cases are valid.
  ///
  /// Rates are ResNet-50's on the images and classes of its training target: inference by the
  /// fastest case in float32 and in lower precision, training by the fastest step of each. The
  /// generations are all engines at the batch size of the fastest inference, in the record's order.
  /// The rates of other networks are in `networks`.
  /// What a joule buys is of any case.
  package init(_ record: ResultRecord, targets: TrainingTargets = .builtIn) {
    let valid = record.cases.filter {
      $0.validity.ok && !$0.isForeign && $0.parameters["network"] == "resnet50"
        && targets.target(of: $0) != nil
        // Smaller images are other work than the documents speak of.
        && $0.name.inputSize == nil
    }
    let floats = valid.filter { $0.name.precision == nil }
    let inference = Self.fastest(.infer, of: floats)
    let training = Self.fastest(.train, of: floats)
    self.init(
      date: Day(String(record.context.date.prefix(10))),
      price: record.price.flatMap { price in
        // A record can come from a file, and a file can say anything.
        price.usdPerHour > 0 && price.usdPerHour.isFinite
          ? Price(
            usdPerHour: price.usdPerHour, basis: price.basis, instance: price.instance,
            region: price.region, asOf: price.asOf, source: price.source) : nil
      },
      inference: inference.flatMap(Self.rate), training: training.flatMap(Self.rate),
      peakGflops: Dictionary(
        record.peaks.filter { $0.precision == nil }
          .compactMap { peak in peak.fmaGflops.map { (peak.threads, $0) } },
        uniquingKeysWith: max),
      generations: record.kind == .race ? [] : Self.generations(in: floats, beside: inference),
      releases: record.softwareTrends ?? [])
    lowPrecision = Self.lowPrecision(.infer, of: valid)
    lowTraining = Self.lowPrecision(.train, of: valid)
    networks = record.cases.compactMap { NetworkRate($0) }
    setEfficiency(from: record)
    for peak in record.peaks {
      guard let precision = peak.precision, let rate = peak.rate else { continue }
      let known = lowerPeaks[precision]?[peak.threads] ?? rate
      lowerPeaks[precision, default: [:]][peak.threads] = max(known, rate)
    }
  }

  /// The fastest of a kind in lower precision, but for one that is known to fail MLPerf's rule.
  private static func lowPrecision(
    _ kind: CaseRecord.Kind, of cases: [CaseRecord]
  ) -> LowPrecision? {
    let right = cases.filter {
      $0.name.precision != nil && $0.accuracy.againstF32?.mlperfPassed != false
    }
    guard let item = fastest(kind, of: right), let rate = Self.rate(item),
      let precision = item.name.precision
    else { return nil }
    return LowPrecision(precision: precision.rawValue, rate: rate, worth: item.accuracy.words)
  }

  private static func fastest(_ kind: CaseRecord.Kind, of cases: [CaseRecord]) -> CaseRecord? {
    cases.filter { $0.kind == kind }
      .max { ($0.derived.imagesPerSecond ?? 0) < ($1.derived.imagesPerSecond ?? 0) }
  }

  private static func rate(_ item: CaseRecord) -> Rate? {
    item.derived.imagesPerSecond.map {
      Rate(perSecond: $0, interval: item.derived.imagesPerSecondCi95)
    }
  }

  private static func generations(
    in cases: [CaseRecord], beside best: CaseRecord?
  ) -> [Generation] {
    guard let best else { return [] }
    let alike = cases.filter { item in
      item.kind == .infer && !item.isGathered
        && item.parameters["threads"] == best.parameters["threads"]
        && item.parameters["batch_size"] == best.parameters["batch_size"]
    }
    return alike.compactMap { item in
      item.derived.imagesPerSecond.map {
        Generation(name: item.algorithm, imagesPerSecond: $0)
      }
    }
  }
}
