import Harness

extension CaseRecord {
  /// Whether the case may show a speed.
  var isShown: Bool { validity.ok && statistics != nil }

  /// Why there is no speed.
  var refusal: String {
    validity.reasons.isEmpty ? "not measured" : validity.reasons.joined(separator: "; ")
  }
}

extension ResultRecord {
  /// The inference case of the lowest cost, or of the highest rate where there is no price.
  package var cheapestInference: CaseRecord? {
    let usable = cases.filter {
      $0.kind == .infer && $0.isShown && !$0.isForeign && $0.derived.imagesPerSecond != nil
    }
    return usable.min {
      ($0.derived.usdPerBillionImages ?? .infinity, -($0.derived.imagesPerSecond ?? 0))
        < ($1.derived.usdPerBillionImages ?? .infinity, -($1.derived.imagesPerSecond ?? 0))
    }
  }

  /// The training case of the lowest cost, or of the highest rate where there is no price.
  package var cheapestTraining: CaseRecord? {
    let usable = cases.filter {
      $0.kind == .train && $0.isShown && !$0.isForeign && $0.derived.imagesPerSecond != nil
    }
    return usable.min {
      ($0.derived.usdToTrain ?? .infinity, -($0.derived.imagesPerSecond ?? 0))
        < ($1.derived.usdToTrain ?? .infinity, -($1.derived.imagesPerSecond ?? 0))
    }
  }

  /// The highest FMA peak measured.
  package var bestPeak: Peak? {
    peaks.filter { $0.fmaGflops != nil }.max { ($0.fmaGflops ?? 0) < ($1.fmaGflops ?? 0) }
  }
}
