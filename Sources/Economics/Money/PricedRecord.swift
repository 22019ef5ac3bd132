import Harness

extension ResultRecord {
  /// Puts the price into the record and dollars beside every rate of images.
  ///
  /// Inference gets USD per 10^9 images; a training step the cost of 90 epochs of ImageNet at its
  /// rate, an extrapolation. Intervals carry over from the rates, upside down.
  package mutating func setPrice(_ price: Price) {
    self.price = PriceRecord(
      usdPerHour: price.usdPerHour, basis: price.basis, instance: price.instance,
      region: price.region, asOf: price.asOf, source: price.source)
    let model = CostModel(price: price)
    for index in cases.indices {
      cases[index].derived.setCost(of: cases[index].kind, by: model)
    }
  }
}

extension CaseRecord.Derived {
  fileprivate mutating func setCost(of kind: CaseRecord.Kind, by model: CostModel) {
    guard let rate = imagesPerSecond, rate > 0 else { return }
    let interval = imagesPerSecondCi95.flatMap { ends -> ClosedRange<Double>? in
      ends.count == 2 && ends[0] > 0 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    }
    switch kind {
    case .infer:
      usdPerBillionImages = model.usdPerBillionImages(imagesPerSecond: rate)
      usdPerBillionImagesCi95 = interval.map {
        let cost = model.usdPerBillionImages(imagesPerSecond: $0)
        return [cost.lowerBound, cost.upperBound]
      }
    case .train:
      usdToTrain = model.usdToTrain(imagesPerSecond: rate)
      usdToTrainCi95 = interval.map {
        [
          model.usdToTrain(imagesPerSecond: $0.upperBound),
          model.usdToTrain(imagesPerSecond: $0.lowerBound),
        ]
      }
    case .peak, .gemm, .conv: break
    }
  }
}
