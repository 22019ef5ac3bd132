import Foundation
import Kernels
import Models
import Programs
import TestSupport
import Testing

/// Losses of four training steps, and the first gradients, that PyTorch computes from the same
/// hash-made weights, tokens and labels: networks of few layers at full width.
///
/// `Tests/Fixtures/make.py text-training` records them.
@Suite struct TextTrainingParityTests {
  private struct Fixture: Decodable {
    struct Run: Decodable {
      var layers: Int
      var vocabulary: Int
      var batch: Int
      var tokens: Int
      var rate: Double
      var losses: [Double]
      var gradients: [String: Probes]
    }

    var networks: [String: Run]

    static func read() throws -> Fixture? {
      guard
        let url = Bundle.module.url(
          forResource: "Fixtures/pytorch-text-training", withExtension: "json")
      else { return nil }
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    }
  }

  static let names = ["bert-base", "gpt2", "transformer-base", "seq2seq"]

  @Test(arguments: names)
  func takesPyTorchsSteps(name: String) throws {
    guard let fixture = try Fixture.read() else {
      print(
        "SKIPPED: no Fixtures/pytorch-text-training.json; 'Tests/Fixtures/make.py text-training' "
          + "records it")
      return
    }
    let run = try #require(fixture.networks[name])
    let network = try #require(
      TextParityTests.network(name, layers: run.layers, vocabulary: run.vocabulary))
    var optimizer = try #require(network.training?.optimizer)
    optimizer.learningRate = run.rate
    let step = try SequenceStep(
      network, weights: SeededWeights(for: network, seed: 1), batch: run.batch,
      tokens: run.tokens, optimizer: optimizer, pool: ThreadPool(threads: 2)
    ) { _, _, _ in .direct }
    step.fill(seed: 1)
    let first = step.run()
    let (worst, culprit) = try compare(run.gradients, step.state)
    #expect(worst < 1e-4, "\(name): the gradient of \(culprit) is off by \(worst)")
    let losses = [first] + run.losses.dropFirst().map { _ in step.run() }
    for (loss, reference) in zip(losses, run.losses) {
      #expect(abs(loss - reference) <= 1e-5 * abs(reference), "\(name): \(losses)")
    }
    print("\(name): losses \(losses), PyTorch \(run.losses); worst gradient \(worst) of \(culprit)")
  }

  /// The largest error of a gradient; those are left out that are 0 but for rounding, as by key biases.
  private func compare(
    _ expected: [String: Probes], _ state: TrainingState
  ) throws -> (error: Double, parameter: String) {
    let top = expected.values.map(\.largest).max() ?? 0
    var (worst, culprit) = (0.0, "")
    var compared = 0
    for parameter in state.parameters {
      let probes = try #require(expected[parameter.name])
      guard probes.largest > 1e-6 * top else { continue }
      compared += 1
      let error = probes.error(of: state.gradient(parameter))
      if error > worst { (worst, culprit) = (error, parameter.name) }
    }
    #expect(compared > 15)
    return (worst, culprit)
  }
}
