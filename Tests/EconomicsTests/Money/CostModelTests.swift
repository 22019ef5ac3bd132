import Economics
import Harness
import TestSupport
import Testing

struct CostModelTests {
  let model = CostModel(price: .given(usdPerHour: 0.34))
  let target = TrainingTarget(
    dataset: "ImageNet", items: 1_281_167, epochs: 90, top1Percent: 76.13)

  /// The rates that 0.34 USD an hour needs, by the formula of the design, worked out by hand.
  @Test(arguments: [
    (10_000.0, 9.444_444_444), (1640, 57.588_075_88), (312.2848, 302.430_149_9),
    (0.03, 3_148_148.148),
  ])
  func imagesPerSecondThatACostNeeds(usd: Double, rate: Double) {
    #expect(abs(model.imagesPerSecond(usdPerBillionImages: usd) / rate - 1) < 1e-5)
  }

  @Test(arguments: [(1000.0, 10.889_92), (10, 1088.992), (1, 10_889.92)])
  func trainingRateThatACostNeeds(usd: Double, rate: Double) {
    #expect(abs(model.trainingImagesPerSecond(usd: usd, target: target) / rate - 1) < 1e-6)
  }

  @Test(arguments: [0.5, 20, 3000.0])
  func bothDirectionsUndoEachOther(rate: Double) {
    let usd = model.usdPerBillionImages(imagesPerSecond: rate)
    #expect(abs(model.imagesPerSecond(usdPerBillionImages: usd) / rate - 1) < 1e-12)
    let cost = model.usdToTrain(imagesPerSecond: rate, target: target)
    #expect(abs(model.trainingImagesPerSecond(usd: cost, target: target) / rate - 1) < 1e-12)
  }

  @Test func theFasterEndIsTheCheaperEnd() {
    let rates = CostModel.fastestFirst([50, 100])
    #expect(rates == [100, 50])
    let costs = rates?.map { model.usdPerBillionImages(imagesPerSecond: $0) }
    #expect(costs == costs?.sorted())
    for none: [Double] in [[100, 50], [0, 1], [1]] { #expect(CostModel.fastestFirst(none) == nil) }
  }

  @Test func ninetyEpochsOfResNet50InPetaflopDays() {
    let flop = CostModel.resnet50TrainingFlop * target.itemsToTrain
    #expect(abs(flop / CostModel.flopPerPfsDay / 0.032_743_3 - 1) < 1e-5)
    #expect(CostModel.pfsDaysPerDay(flopPerSecond: 1e15) == 1)
  }
}
