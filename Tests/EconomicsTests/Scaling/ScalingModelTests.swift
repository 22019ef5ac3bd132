import Economics
import Testing

/// The model of steps on several machines against cases worked out by hand.
@Suite struct ScalingModelTests {
  /// A step of 1 s, 100 MB of gradients, buckets of 4 MB, links of 0.1 GB/s.
  private static let model = ScalingModel(
    aloneSeconds: 1, overlap: 0.6, besideSeconds: 0.05, gradientBytes: 1e8, bucketBytes: 4e6,
    link: .init(bytesPerSecond: 1e8, latencySeconds: 1e-4))

  private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * abs(b) }

  @Test func oneMachineWaitsForNobody() {
    #expect(Self.model.stepSeconds(machines: 1) == 1)
    #expect(Self.model.efficiency(machines: 1) == 1)
  }

  @Test func twoMachinesWaitForWhatTheBackwardPassDoesNotHide() {
    // Each sends half the gradients twice: 1 s of bytes and two latencies, of which 0.6 s are hidden.
    #expect(close(Self.model.ringSeconds(bytes: 1e8, machines: 2), 1.0002))
    #expect(close(Self.model.stepSeconds(machines: 2), 1 + 0.05 + 0.4002))
  }

  @Test func onAFastLinkTheLastBucketIsLeft() {
    var model = Self.model
    model.link.bytesPerSecond = 1e10
    // 2 · 3 · (4e6 / (4 · 1e10) + 1e-4).
    #expect(close(model.stepSeconds(machines: 4), 1 + 0.05 + 6 * (1e-4 + 1e-4)))
    let efficiencies = [1, 2, 8, 64, 1024].map { model.efficiency(machines: $0) }
    #expect(efficiencies == efficiencies.sorted(by: >))
  }

  @Test func aBucketIsNoLargerThanAllGradients() {
    let model = ScalingModel(
      aloneSeconds: 1, overlap: 0, besideSeconds: 0, gradientBytes: 1e6, bucketBytes: 4e6,
      link: .init(bytesPerSecond: 1e8, latencySeconds: 0))
    #expect(model.bucketBytes == 1e6)
  }

  @Test func largerBatchesTakeMoreEpochs() {
    #expect(ScalingModel.epochsFactor(batch: 256, critical: 1000) == 1)
    #expect(close(ScalingModel.epochsFactor(batch: 1000, critical: 1000), 2 / 1.256))
    #expect(ScalingModel.epochsFactor(batch: Double(1 << 20), critical: 1e12) - 1 < 2e-6)
  }
}
