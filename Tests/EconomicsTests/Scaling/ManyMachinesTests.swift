import Economics
import Harness
import Testing

/// Hours and dollars of many machines, against cases worked out by hand.
@Suite struct ManyMachinesTests {
  /// A step of 1 s, and links that cost nothing.
  private static let model = ScalingModel(
    aloneSeconds: 1, overlap: 1, besideSeconds: 0, gradientBytes: 1, bucketBytes: 1,
    link: .init(bytesPerSecond: 1e18, latencySeconds: 0))
  private static let target = TrainingTarget(
    dataset: "data", items: 36_000, epochs: 10, top1Percent: 90)

  private func close(_ a: Double?, _ b: Double) -> Bool { abs((a ?? .nan) - b) <= 1e-9 * b }

  @Test func theFirstIsTheMachineThatIsPriced() {
    let many = ManyMachines(
      Self.model, batch: 100, target: Self.target, criticalBatch: nil, usdPerHour: 2)
    #expect(many.entries.map(\.machines) == (0...10).map { 1 << $0 })
    // 360 000 images at 100 a second are an hour; without losses twice the machines cost the same.
    #expect(close(many.entries[0].hoursToTrain, 1) && close(many.entries[0].usdToTrain, 2))
    #expect(close(many.entries[3].hoursToTrain, 1.0 / 8) && close(many.entries[3].usdToTrain, 2))
    #expect(many.entries.allSatisfy { $0.epochsFactor == nil })
  }

  @Test func thatLargeBatchesTakeMoreEpochsIsCountedOrSaid() throws {
    let silent = ManyMachines(
      Self.model, batch: 100, target: Self.target, criticalBatch: nil, usdPerHour: 2)
    let words = try #require(silent.assumption)
    #expect(words.contains("102 400 images") && words.contains("--critical-batch"), "\(words)")
    let counted = ManyMachines(
      Self.model, batch: 256, target: Self.target, criticalBatch: 1000, usdPerHour: 2)
    #expect(counted.assumption == nil)
    let factor = ScalingModel.epochsFactor(batch: 512, critical: 1000)
    #expect(close(counted.entries[1].epochsFactor, factor))
    #expect(
      close(counted.entries[1].usdToTrain, factor * (counted.entries[0].usdToTrain ?? 0)))
    let rates = ManyMachines(
      Self.model, batch: 100, target: nil, criticalBatch: nil, usdPerHour: 2)
    #expect(rates.assumption == nil && rates.entries[5].hoursToTrain == nil)
  }
}
