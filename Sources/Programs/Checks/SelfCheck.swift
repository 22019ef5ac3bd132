import Basics
import Kernels
import Models

/// The check that a build can make of its own training, against plain float64 loops.
package enum SelfCheck {
  /// Chooses an algorithm, as plans ask for it.
  package typealias Choice = (ConvShape, Program.Direction) -> ConvAlgorithm

  /// Losses of two training steps on a few seeded images of 64 pixels, or the network's fewest; of a
  /// wide network by one with fewer filters.
  ///
  /// The second loss depends on every gradient of the first step.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - engine: The engine's name, for the result.
  ///   - pool: The threads that it runs on.
  ///   - choose: The engine's algorithms.
  /// - Returns: The comparison with the reference.
  /// - Throws: `Problem` for a program that cannot be compiled.
  package static func training(
    _ network: Network, engine: String, pool: ThreadPool, choose: Choice
  ) throws(Problem) -> CheckResult {
    let network = network.shallow?() ?? network
    let (batch, size) = (network.checkBatch, network.checkTrainingSize)
    let inputs = Inputs(network, batch: batch, size: size)
    let optimizer = SGD(learningRate: network.checkLearningRate)
    func losses(_ choose: Choice) throws(Problem) -> [Float] {
      let step = try TrainingStep(
        network, state: try TrainingState(network, weights: SeededWeights(for: network, seed: 1)),
        batch: batch, inputSize: size, pool: pool
      ) { _, shape, direction in choose(shape, direction) }
      return (0..<2).map { _ in
        Float(step.run(inputs.images.pointer, labels: inputs.labels, optimizer: optimizer))
      }
    }
    return CheckResult(
      name: "losses of \(network.name), \(engine)",
      error: RelativeError.between(
        try losses(choose), try losses { _, _ in .reference }), bound: 1e-3, against: .kernels)
  }
}
