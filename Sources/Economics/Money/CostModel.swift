import Harness

/// Rates into dollars and dollars into rates, at one price.
///
/// `usd_per_item = usd_per_hour / (3600 · items_per_second)`. One multiply-add is 2 FLOP, a
/// training step is 3 forward passes, one petaflop/s-day is 8.64e19 FLOP.
package struct CostModel: Hashable, Sendable {
  package static let flopPerPfsDay = 8.64e19
  /// FLOP of one ResNet-50 v1.5 image forward at 224 × 224: twice 4 089 184 256 multiply-adds.
  package static let resnet50ForwardFlop = 8_178_368_512.0
  package static let resnet50TrainingFlop = 3 * resnet50ForwardFlop

  package var price: Price

  package init(price: Price) { self.price = price }

  /// USD for one item, whatever it is, at `itemsPerSecond`, above 0.
  package func usdPerItem(itemsPerSecond: Double) -> Double {
    price.usdPerHour / (3600 * positive(itemsPerSecond))
  }

  /// USD for 10^9 images at `imagesPerSecond`, above 0.
  package func usdPerBillionImages(imagesPerSecond: Double) -> Double {
    1e9 * usdPerItem(itemsPerSecond: imagesPerSecond)
  }

  /// USD to judge 10^6 positions of a game at `positionsPerSecond`, above 0.
  package func usdPerMillionPositions(positionsPerSecond: Double) -> Double {
    1e6 * usdPerItem(itemsPerSecond: positionsPerSecond)
  }

  /// USD for the steps that a training target takes; an extrapolation unless the run itself
  /// reached the accuracy.
  package func usdToTrain(imagesPerSecond: Double, target: TrainingTarget) -> Double {
    target.itemsToTrain / positive(imagesPerSecond) / 3600 * price.usdPerHour
  }

  /// Images/s at which 10^9 images cost `usd`.
  package func imagesPerSecond(usdPerBillionImages usd: Double) -> Double {
    1e9 * price.usdPerHour / (3600 * positive(usd))
  }

  /// Training images/s at which a training target costs `usd`.
  package func trainingImagesPerSecond(usd: Double, target: TrainingTarget) -> Double {
    target.itemsToTrain * price.usdPerHour / (3600 * positive(usd))
  }

  /// PFLOP/s that one USD per hour has to buy for 10^9 images to cost `usd`.
  ///
  /// `10^9 · FLOP per image / (3600 · usd) / 10^15`: the price of the machine cancels.
  package static func pflopsPerUSDPerHour(
    usdPerBillionImages usd: Double, flopPerImage: Double = resnet50ForwardFlop
  ) -> Double {
    1e9 * flopPerImage / (3600 * usd) / 1e15
  }

  /// Petaflop/s-days that a machine does in one day at `flopPerSecond`.
  package static func pfsDaysPerDay(flopPerSecond: Double) -> Double {
    flopPerSecond * 86_400 / flopPerPfsDay
  }

  /// The ends of a rate's interval by falling rate, as the costs rise; nil where it is none.
  package static func fastestFirst(_ interval: [Double]) -> [Double]? {
    interval.count == 2 && interval[0] > 0 && interval[0] <= interval[1]
      ? interval.reversed() : nil
  }

  private func positive(_ value: Double) -> Double {
    precondition(value > 0 && value.isFinite, "a rate, cost or count has to be above 0: \(value)")
    return value
  }
}
