import Harness

/// What this machine measured, as far as it is known: the input that sets claims beside here.
///
/// Every part is optional; a claim that needs a missing one says which command measures it.
package struct LocalMeasurement: Codable, Hashable, Sendable {
  /// A rate with its 95 % interval, where there is one.
  package struct Rate: Codable, Hashable, Sendable {
    package var perSecond: Double
    /// Lower and upper end.
    package var interval: [Double]?

    package init(perSecond: Double, interval: [Double]? = nil) {
      (self.perSecond, self.interval) = (perSecond, interval)
    }
  }

  /// One software generation on the same hardware, the oldest first.
  package struct Generation: Codable, Hashable, Sendable {
    /// Such as `openblas im2col`, `native direct`, `native winograd`.
    package var name: String
    package var imagesPerSecond: Double

    package init(name: String, imagesPerSecond: Double) {
      (self.name, self.imagesPerSecond) = (name, imagesPerSecond)
    }
  }

  /// Inference, or training steps, in lower precision than float32.
  package struct LowPrecision: Codable, Hashable, Sendable {
    /// Such as `int8`.
    package var precision: String
    package var rate: Rate
    /// What its answers are worth, a clause, such as `no answers were compared with labels`.
    package var worth: String

    package init(precision: String, rate: Rate, worth: String) {
      (self.precision, self.rate, self.worth) = (precision, rate, worth)
    }
  }

  package var date: Day?
  package var price: Price?
  /// ResNet-50 inference in float32 at the best batch size, images/s.
  package var inference: Rate?
  /// The same in the fastest lower precision that is not known to lose too much of its answers.
  package var lowPrecision: LowPrecision?
  /// ResNet-50 training steps in float32, images/s.
  package var training: Rate?
  /// The same in the fastest lower precision that is not known to lose too much of its answers.
  package var lowTraining: LowPrecision?
  /// Measured multiply-add peak in GFLOP/s, by thread count.
  package var peakGflops: [Int: Double]
  /// Measured peaks of lower precision in 10^9 operations a second, by thread count.
  package var lowerPeaks: [CaseID.Precision: [Int: Double]] = [:]
  /// ResNet-50 inference by software generation, oldest first.
  package var generations: [Generation]
  /// What dated releases of software gain here in a year.
  package var releases: [SoftwareTrend]
  /// Every network that ran on floats, in every way and precision in which it did.
  package var networks: [NetworkRate] = []
  /// The most that a joule bought here, where energy was measured.
  package var efficiency: Efficiency?
  /// Why energy was not measured though somebody asked, a clause.
  package var energyRefusal: String?

  package init(
    date: Day? = nil, price: Price? = nil, inference: Rate? = nil, training: Rate? = nil,
    peakGflops: [Int: Double] = [:], generations: [Generation] = [],
    releases: [SoftwareTrend] = []
  ) {
    (self.date, self.price) = (date, price)
    (self.inference, self.training) = (inference, training)
    (self.peakGflops, self.generations) = (peakGflops, generations)
    self.releases = releases
  }
}

extension LocalMeasurement {
  /// Adds what another run of the same machine has measured and this one has not.
  package mutating func join(_ other: LocalMeasurement) {
    date = [date, other.date].compactMap { $0 }.max()
    price = price ?? other.price
    inference = inference ?? other.inference
    lowPrecision = lowPrecision ?? other.lowPrecision
    training = training ?? other.training
    lowTraining = lowTraining ?? other.lowTraining
    peakGflops.merge(other.peakGflops, uniquingKeysWith: max)
    for (precision, peaks) in other.lowerPeaks {
      lowerPeaks[precision, default: [:]].merge(peaks, uniquingKeysWith: max)
    }
    if generations.isEmpty { generations = other.generations }
    releases += other.releases
    networks += other.networks
    efficiency = efficiency ?? other.efficiency
    energyRefusal = efficiency == nil ? energyRefusal ?? other.energyRefusal : nil
  }
}

/// One line that this machine adds to a claim.
package struct LocalFinding: Codable, Hashable, Sendable {
  package var label: String
  /// Nil where the measurement that it needs is missing; `note` then says what measures it.
  @Nullable package var value: Double?
  package var unit: String
  package var note = ""
  /// True where a curve was followed beyond the dates for which it is stated, or training was
  /// extrapolated from a step.
  package var isExtrapolated = false
  /// Lower and upper end of the value at 95 %; nil where the rates beneath it have none.
  package var interval: [Double]?
  /// How the value follows, with the numbers in it; nil where `note` says it.
  package var formula: String?
}
