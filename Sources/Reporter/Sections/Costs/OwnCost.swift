import Harness

extension Report {
  /// What ResNet-50 costs on this machine in one precision.
  struct OwnCost {
    var item: CaseRecord
    var usd: Double
    var interval: [Double]?

    /// `this machine`, or `this machine, int8`.
    var name: String { "this machine" + (item.name.precision.map { ", \($0.rawValue)" } ?? "") }
  }

  /// The cheapest of its cases.
  ///
  /// - Parameters:
  ///   - kind: Inference, for USD per 10⁹ classified images, or training, for USD of the whole.
  ///   - precision: What layers multiply; nil for float32.
  /// - Returns: Nil where there is none, or no price.
  func ownCost(_ kind: CaseRecord.Kind, in precision: CaseID.Precision? = nil) -> OwnCost? {
    guard let item = record.cheapestResNet50(kind, in: precision) else { return nil }
    let derived = item.derived
    let (usd, interval) =
      kind == .train
      ? (derived.usdToTrain, derived.usdToTrainCi95)
      : (derived.usdPerBillionImages, derived.usdPerBillionImagesCi95)
    return usd.map { OwnCost(item: item, usd: $0, interval: interval) }
  }
}
