extension CostModel {
  /// USD for 10^9 ResNet-50 images if nothing but the textbook's operations were done, at
  /// `flopPerSecond`; an algorithm that saves multiplications can go below it.
  package func usdPerBillionImages(atFlopPerSecond flopPerSecond: Double) -> Double {
    usdPerBillionImages(imagesPerSecond: flopPerSecond / Self.resnet50ForwardFlop)
  }

  /// USD to train ResNet-50 for 90 epochs on the same terms.
  package func usdToTrain(atFlopPerSecond flopPerSecond: Double) -> Double {
    usdToTrain(imagesPerSecond: flopPerSecond / Self.resnet50TrainingFlop)
  }

  /// Petaflop/s-days that a machine does in `days` at `flopPerSecond`.
  package static func pfsDays(flopPerSecond: Double, days: Double) -> Double {
    pfsDaysPerDay(flopPerSecond: flopPerSecond) * days
  }
}
