import Harness

extension ResultRecord {
  /// Puts the price into the record and dollars beside every rate.
  ///
  /// Inference gets USD per 10^9 images, or per 10^6 of anything else, tokens too; a training step what its
  /// network's training target costs at its rate, an extrapolation, or nothing where there is no
  /// target. Intervals carry over from the rates, upside down. What was stated of electricity
  /// beside the price prices energy.
  package mutating func setPrice(_ price: Price, targets: TrainingTargets = .builtIn) {
    self.price = PriceRecord(
      usdPerHour: price.usdPerHour, basis: price.basis, instance: price.instance,
      region: price.region, asOf: price.asOf, source: price.source)
    let model = CostModel(price: price)
    for index in cases.indices {
      cases[index].setTarget(from: targets)
      cases[index].setCost(by: model)
    }
    if let electricity = price.electricity { setElectricity(electricity) }
  }

  /// Says of every training step what it leads to, and takes back the cost of a training that
  /// leads nowhere: older records priced every network as if it were one for ImageNet.
  package mutating func setTrainingTargets(_ targets: TrainingTargets = .builtIn) {
    for index in cases.indices { cases[index].setTarget(from: targets) }
  }
}

extension CaseRecord {
  fileprivate mutating func setTarget(from targets: TrainingTargets) {
    guard kind == .train else { return }
    derived.trainingTarget = targets.target(of: self)
    guard derived.trainingTarget == nil else { return }
    (derived.usdToTrain, derived.usdToTrainCi95) = (nil, nil)
  }

  fileprivate mutating func setCost(by model: CostModel) {
    guard let rate = derived.rate, rate > 0 else { return }
    // The faster end is the cheaper.
    let rates = derived.rateCi95.flatMap(CostModel.fastestFirst)
    switch kind {
    case .infer where derived.workItem == WorkItem("position"):
      derived.usdPerMillionPositions = model.usdPerMillionPositions(positionsPerSecond: rate)
      derived.usdPerMillionPositionsCi95 = rates?.map {
        model.usdPerMillionPositions(positionsPerSecond: $0)
      }
    case .infer where derived.workItem != .image, .prefill, .decode:
      derived.usdPerMillionItems = 1e6 * model.usdPerItem(itemsPerSecond: rate)
      derived.usdPerMillionItemsCi95 = rates?.map { 1e6 * model.usdPerItem(itemsPerSecond: $0) }
      guard let tokens = derived.tokensPerSecond, tokens > 0 else { return }
      derived.usdPerMillionTokens = 1e6 * model.usdPerItem(itemsPerSecond: tokens)
      derived.usdPerMillionTokensCi95 = derived.tokensPerSecondCi95
        .flatMap(CostModel.fastestFirst)?.map { 1e6 * model.usdPerItem(itemsPerSecond: $0) }
    case .infer:
      derived.usdPerBillionImages = model.usdPerBillionImages(imagesPerSecond: rate)
      derived.usdPerBillionImagesCi95 = rates?.map {
        model.usdPerBillionImages(imagesPerSecond: $0)
      }
    case .train:
      guard let target = derived.trainingTarget else { return }
      derived.usdToTrain = model.usdToTrain(imagesPerSecond: rate, target: target)
      derived.usdToTrainCi95 = rates?.map { model.usdToTrain(imagesPerSecond: $0, target: target) }
    case .peak, .gemm, .conv: break
    }
  }
}
