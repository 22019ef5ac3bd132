import Formats
import Kernels

/// One comparison of this build's numbers with numbers that can be trusted more.
package struct CheckResult: Hashable, Sendable {
  /// What was compared.
  package var name: String
  /// max |a−b| / max |b|; infinite where something is not finite.
  package var error: Double
  /// The largest error that passes.
  package var bound: Double

  /// Whether the error is within its bound.
  package var passed: Bool { error <= bound }

  /// Joins a comparison's name, error and bound.
  package init(name: String, error: Double, bound: Double) {
    (self.name, self.error, self.bound) = (name, error, bound)
  }

  /// The project's relative error between two tensors.
  ///
  /// - Parameters:
  ///   - a: What is checked.
  ///   - b: What it is checked against.
  /// - Returns: max |a−b| / max |b|; infinite for other lengths or values that are not finite.
  package static func relativeError(
    _ a: some Collection<Float>, _ b: some Collection<Float>
  ) -> Double {
    guard a.count == b.count else { return .infinity }
    var (difference, scale) = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      guard x.isFinite, y.isFinite else { return .infinity }
      difference = max(difference, abs(Double(x) - Double(y)))
      scale = max(scale, abs(Double(y)))
    }
    return scale == 0 ? difference : difference / scale
  }
}

/// The checks that a build can make of itself, against the plain loops with float64 sums.
package enum SelfCheck {
  /// Chooses an algorithm, as plans ask for it.
  package typealias Choice = (ConvShape, TrainingPlan.Direction) -> ConvAlgorithm

  /// Logits of two seeded images of 64 pixels.
  ///
  /// Direct algorithms are held to 1e-5, those that transform their data to 1e-3.
  ///
  /// - Parameters:
  ///   - network: What is computed.
  ///   - engine: The engine's name, for the result.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Returns: The comparison with the reference.
  /// - Throws: Nothing, as seeded weights are read from no file.
  package static func inference(
    _ network: Network, engine: String, pool: ThreadPool, choose: Choice
  ) throws(FileError) -> CheckResult {
    let (batch, size) = (2, 64)
    let weights = SeededWeights(for: network, seed: 1)
    let images = AlignedBuffer(count: batch * size * size * network.inputChannels)
    SeededImages.fill(
      0..<batch, seed: 1, channels: network.inputChannels, size: size, into: images.elements)
    let plan = try InferencePlan(
      network, weights: weights, batch: batch, inputSize: size, pool: pool
    ) { _, shape in choose(shape, .forward) }
    plan.run(images.pointer)
    let oracle = try InferencePlan(
      network, weights: weights, batch: batch, inputSize: size, pool: pool
    ) { _, _ in .reference }
    oracle.run(images.pointer)
    return CheckResult(
      name: "logits of \(network.name), \(engine)",
      error: CheckResult.relativeError(plan.logits, oracle.logits),
      bound: plan.errorBound)
  }

  /// Losses of two training steps on two seeded images of 64 pixels.
  ///
  /// The second loss depends on every gradient of the first step.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - engine: The engine's name, for the result.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Returns: The comparison with the reference.
  /// - Throws: Nothing, as seeded weights are read from no file.
  package static func training(
    _ network: Network, engine: String, pool: ThreadPool, choose: Choice
  ) throws(FileError) -> CheckResult {
    let (batch, size) = (2, 64)
    let images = AlignedBuffer(count: batch * size * size * network.inputChannels)
    SeededImages.fill(
      0..<batch, seed: 1, channels: network.inputChannels, size: size, into: images.elements)
    let labels = AlignedLabels(count: batch, classes: network.classes)
    func losses(_ choose: Choice) throws(FileError) -> [Float] {
      let plan = TrainingPlan(
        network, state: try TrainingState(network, weights: SeededWeights(for: network, seed: 1)),
        batch: batch, inputSize: size, pool: pool
      ) { _, shape, direction in choose(shape, direction) }
      let work = TrainingPlan.Batch(
        images: images.pointer, labels: labels.pointer, optimizer: SGD(learningRate: 1e-4))
      return [Float(plan.run(work)), Float(plan.run(work))]
    }
    return CheckResult(
      name: "losses of \(network.name), \(engine)",
      error: CheckResult.relativeError(
        try losses(choose), try losses { _, _ in .reference }), bound: 1e-3)
  }
}

/// Labels in memory that does not move: image `i` has class `(7 i + 3) mod classes`.
private final class AlignedLabels {
  let pointer: UnsafeMutablePointer<Int32>

  init(count: Int, classes: Int) {
    pointer = .allocate(capacity: count)
    for index in 0..<count { pointer[index] = Int32((7 * index + 3) % classes) }
  }

  deinit { pointer.deallocate() }
}
