import Foundation
import Harness
import Kernels
import Networks

/// Where the time of a forward pass goes, layer by layer.
package struct LayerProfile: Codable, Sendable {
  /// One step of the plan.
  package struct Row: Codable, Sendable {
    package var layer: String
    /// Output shape, `N H W C`.
    package var output: [Int]
    /// The convolution's shape in benchdnn's manner; null for pooling.
    @Nullable package var shape: String?
    package var algorithm: String
    /// Images of the batch that the layer computes at a time.
    package var imagesAtATime: Int
    /// Median over the passes.
    package var ns: Double
    package var percentOfTime: Double
    package var gflopsDirect: Double
    package var gflopsExecuted: Double
    /// Executed rate over the FMA peak measured in the same passes, in percent; null without one.
    @Nullable package var percentOfPeak: Double?
  }

  /// Id of the case: network, batch, threads, engine.
  package var id: String
  package var rows: [Row]
  /// Sum of the layers' medians.
  package var totalNs: Double
  package var imagesPerSecond: Double
  /// Null where something was faster than every probe, all of them disturbed.
  @Nullable package var peakGflops: Double?
  package var passes: Int

  /// Times every step of the plan that `infer` times, pass after pass.
  ///
  /// - Parameters:
  ///   - request: An inference case.
  ///   - catalogue: What makes it.
  ///   - seconds: How long to go on; three passes at least.
  /// - Throws: What the catalogue throws for the same request.
  package init(_ request: CaseRequest, catalogue: Catalogue, seconds: Double) throws {
    guard let workload = try catalogue.workload(for: request) as? InferWorkload else {
      throw WorkerRefusal(code: 64, "'\(request.id)' is no inference case.")
    }
    self = workload.profile(seconds: seconds)
  }

  init(
    id: String, steps: [InferencePlan.Step], samplesNs: [[Double]], images: Int, peak: PeakMeter
  ) {
    self.id = id
    let medians = samplesNs.map { Quantile.median(of: $0) }
    let total = medians.reduce(0, +)
    let peak = peak.gflops(beside: zip(steps, medians).map { $0.executedFLOPs.count / $1 })
    rows = zip(steps, medians).map { step, ns in
      Row(
        layer: step.name, output: [step.output.N, step.output.H, step.output.W, step.output.C],
        shape: step.conv?.description, algorithm: step.algorithm?.rawValue ?? "pool.f32",
        imagesAtATime: step.images, ns: ns, percentOfTime: 100 * ns / total,
        gflopsDirect: step.directFLOPs.count / ns,
        gflopsExecuted: step.executedFLOPs.count / ns,
        percentOfPeak: ShareOfPeak(rate: step.executedFLOPs.count / ns, ofPeak: peak).percent)
    }
    totalNs = total
    imagesPerSecond = Double(images) * 1e9 / total
    _peakGflops = Nullable(wrappedValue: peak)
    passes = samplesNs.first?.count ?? 0
  }
}

extension InferWorkload {
  /// Runs the plan, looking at the clock after every step; after every pass, the FMA probe.
  func profile(seconds: Double) -> LayerProfile {
    var peak = PeakMeter(threads: threads)
    run()
    var samples = plan.steps.map { _ in [Double]() }
    let begin = Clock.now()
    while samples[0].count < 3 || Double(Clock.now() &- begin) * 1e-9 < seconds {
      for index in samples.indices { samples[index].append(0) }
      var start = Clock.now()
      plan.run(images.pointer) { step in
        let end = Clock.now()
        samples[step][samples[step].count - 1] += Double(end &- start)
        start = end
      }
      peak.sample()
    }
    return LayerProfile(
      id: id, steps: plan.steps, samplesNs: samples, images: plan.imageShape.N, peak: peak)
  }
}
