import Economics
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
  /// The inference case of the lowest cost, or of the highest rate where there is no price: in
  /// whatever precision, but for answers that are known to be worth too little (MLPerf's rule), unless
  /// there is nothing else.
  package var cheapestInference: CaseRecord? { cheapest(.infer, by: \.usdPerCount) }

  /// The same in float32.
  package var cheapestFloatInference: CaseRecord? {
    cheapest(.infer, by: \.usdPerCount) { $0.name.precision == nil }
  }

  /// What stands behind a case of lower precision: the same subject at its cheapest in float32; nil
  /// where that is the case itself, or was not measured.
  package func float(behind item: CaseRecord) -> CaseRecord? {
    guard item.name.precision != nil else { return nil }
    return cheapest(.infer, by: \.usdPerCount) {
      $0.name.precision == nil && $0.name.subject == item.name.subject
    }
  }

  /// The training case of the lowest cost, or of the highest rate where there is no price.
  package var cheapestTraining: CaseRecord? { cheapest(.train, by: \.usdToTrain) }

  /// The step of text generation of the lowest cost, or of the highest rate where there is no price.
  package var cheapestStep: CaseRecord? { cheapest(.decode, by: \.usdPerMillionTokens) }

  /// The prompt that is read at the lowest cost, beside that step where there is one.
  package var cheapestPrompt: CaseRecord? {
    guard let step = cheapestStep?.name else {
      return cheapest(.prefill, by: \.usdPerMillionTokens)
    }
    var run = self
    run.cases = cases.filter { item in
      var own = item.name
      own.kind = step.kind
      return own == step
    }
    return run.cheapest(.prefill, by: \.usdPerMillionTokens)
  }

  private func cheapest(
    _ kind: CaseRecord.Kind, by usd: KeyPath<CaseRecord.Derived, Double?>,
    where isWanted: (CaseRecord) -> Bool = { _ in true }
  ) -> CaseRecord? {
    let shown = cases.filter {
      $0.kind == kind && $0.isShown && !$0.isForeign && $0.derived.rate != nil && isWanted($0)
    }
    let right = shown.filter { $0.accuracy.againstF32?.mlperfPassed != false }
    let usable = right.isEmpty ? shown : right
    // An image and a position of a game have no common price.
    let item = usable.first?.derived.workItem
    return usable.filter { $0.derived.workItem == item }.min {
      ($0.derived[keyPath: usd] ?? .infinity, -($0.derived.rate ?? 0))
        < ($1.derived[keyPath: usd] ?? .infinity, -($1.derived.rate ?? 0))
    }
  }

  /// The cheapest case of a kind that the public records and the documents are about: ResNet-50
  /// on the images and classes of its training target.
  ///
  /// - Parameters:
  ///   - kind: Inference or training.
  ///   - precision: What layers multiply; nil for float32.
  /// - Returns: Nil where there is none.
  package func cheapestResNet50(
    _ kind: CaseRecord.Kind, in precision: CaseID.Precision? = nil
  ) -> CaseRecord? {
    var run = self
    run.cases = cases.filter {
      $0.parameters["network"] == "resnet50" && TrainingTargets.builtIn.target(of: $0) != nil
        && $0.name.precision == precision
    }
    return kind == .train ? run.cheapestTraining : run.cheapestInference
  }

  /// The highest FMA peak measured, of float32.
  package var bestPeak: Peak? { bestPeak(of: nil) }

  /// The highest peak measured of an element type; nil for float32.
  package func bestPeak(of precision: CaseID.Precision?) -> Peak? {
    peaks.filter { $0.precision == precision && $0.rate != nil }
      .max { ($0.rate ?? 0) < ($1.rate ?? 0) }
  }
}
