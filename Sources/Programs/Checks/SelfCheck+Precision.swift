import Basics
import Kernels
import Models

extension SelfCheck {
  /// The units of a training step on bfloat16, each beside reference kernels on the same numbers, on a
  /// few seeded images of 64 pixels, or the network's fewest, or on short sequences by a small network.
  ///
  /// - Parameters:
  ///   - network: What is trained, by labels or on sequences.
  ///   - pool: The threads that it runs on.
  /// - Returns: The largest distance.
  /// - Throws: `Problem` for a program that cannot be compiled.
  package static func stepOnBFloat16(
    _ network: Network, pool: ThreadPool
  ) throws(Problem) -> CheckResult {
    let error =
      if let small = network.training?.small() {
        try sequences(small, pool)
      } else {
        try images(network.shallow?() ?? network, pool)
      }
    return CheckResult(
      name: "units of a training step of \(network.name), bf16", error: error,
      bound: LockstepCheck.bound, against: .kernels)
  }

  private static func images(_ network: Network, _ pool: ThreadPool) throws(Problem) -> Double {
    let (batch, size) = (network.checkBatch, network.checkTrainingSize)
    func step(_ algorithm: ConvAlgorithm) throws(Problem) -> TrainingStep {
      try TrainingStep(
        network, state: try TrainingState(network, weights: SeededWeights(for: network, seed: 1)),
        batch: batch, inputSize: size, precision: .bf16, pool: pool
      ) { _, shape, _ in shape.isPlain ? algorithm : .reference }
    }
    let (own, oracle) = (try step(.direct), try step(.reference))
    let inputs = Inputs(network, batch: batch, size: size)
    let labels = inputs.labels
    return labels.withUnsafeBufferPointer { labels in
      guard let first = labels.baseAddress else { return .infinity }
      own.bind(labels: first)
      oracle.bind(labels: first)
      return LockstepCheck.distance(
        of: own, beside: oracle, images: inputs.images.pointer,
        optimizer: SGD(learningRate: network.checkLearningRate))
    }
  }

  private static func sequences(_ network: Network, _ pool: ThreadPool) throws(Problem) -> Double {
    func step(_ algorithm: ConvAlgorithm) throws(Problem) -> SequenceStep {
      let step = try SequenceStep(
        network, weights: SeededWeights(for: network, seed: 1), batch: 2,
        tokens: GradientCheck.usualTokens, precision: .bf16, pool: pool
      ) { _, _, _ in algorithm }
      step.fill(seed: 1)
      return step
    }
    return LockstepCheck.distance(of: try step(.direct), beside: try step(.reference))
  }
}
