import Foundation
import Kernels
import Models
import Programs
import TestSupport
import Testing
import Workloads

/// The training step against PyTorch, and what its memory does.
@Suite struct TrainingStepTests {
  private struct Fixture: Decodable {
    struct Run: Decodable {
      var batch: Int
      var size: Int
      var rate: Float
      var losses: [Double]
      var tensors: [String: Probes]
    }
    var networks: [String: Run]
  }

  /// The step of a seeded network with the images and labels that `make.py` uses.
  struct Rig {
    var step: TrainingStep
    var images: [Float]
    var labels: [Int32]

    init(
      _ network: Network, batch: Int, size: Int, threads: Int,
      choose: (ConvShape, Program.Direction) -> ConvAlgorithm = { _, _ in .im2col }
    ) throws {
      let state = try TrainingState(network, weights: SeededWeights(for: network, seed: 1))
      step = try TrainingStep(
        network, state: state, batch: batch, inputSize: size, pool: ThreadPool(threads: threads)
      ) { _, shape, direction in choose(shape, direction) }
      images = [Float](repeating: 0, count: step.program.imageShape.count)
      labels = (0..<batch).map { Int32((7 * $0 + 3) % network.classes) }
      images.withUnsafeMutableBufferPointer {
        SeededImages.fill(
          0..<batch, seed: 1, channels: network.inputChannels, size: size, into: $0)
      }
    }

    /// Takes steps and returns their losses.
    func run(_ steps: Int, _ optimizer: SGD) throws -> [Double] {
      (0..<steps).map { _ in step.run(images, labels: labels, optimizer: optimizer) }
    }
  }

  static let optimizer = SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 5e-5)

  @Test(arguments: ["resnet18", "resnet50"], Engine.kernels)
  func takesPyTorchsSteps(name: String, engine: Engine) throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/pytorch-training", withExtension: "json"))
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    let expected = try #require(fixture.networks[name])
    let rig = try Rig(
      try Network.named(name), batch: expected.batch, size: expected.size, threads: 2,
      choose: engine.algorithm(for:direction:))
    let losses = try rig.run(
      expected.losses.count,
      SGD(learningRate: expected.rate, momentum: 0.9, weightDecay: 5e-5))
    for (loss, reference) in zip(losses, expected.losses) {
      #expect(abs(loss - reference) <= 1e-3 * abs(reference), "\(losses)")
    }
    var (worst, culprit) = (0.0, "")
    for parameter in rig.step.state.parameters {
      let probes = try #require(expected.tensors[parameter.name])
      let error = try probes.error(of: rig.step.state.values(parameter))
      if error > worst { (worst, culprit) = (error, parameter.name) }
    }
    #expect(worst < 1e-3)
    print(
      "\(name), \(engine): losses \(losses), PyTorch \(expected.losses); worst weight \(worst) in \(culprit)"
    )
  }

  @Test func givesTheSameStepsEveryTime() throws {
    let network = try Network.named("resnet18", classes: 10)
    let first = try Rig(network, batch: 2, size: 64, threads: 2)
    let second = try Rig(network, batch: 2, size: 64, threads: 2)
    #expect(try first.run(2, Self.optimizer) == second.run(2, Self.optimizer))
    for parameter in first.step.state.parameters {
      #expect(try first.step.state.values(parameter) == second.step.state.values(parameter))
    }
  }

  /// A step of rate `r` without momentum lowers the loss by `r · |gradient|²`, to first order.
  @Test(arguments: ["alexnet", "resnet18", "resnet50"])
  func descendsAsItsGradientSays(name: String) throws {
    let network = try Network.named(name, classes: 10)
    let rig = try Rig(network, batch: 4, size: 64, threads: 2)
    let before = try rig.run(1, SGD(learningRate: 0))[0]
    let state = rig.step.state
    let square = state.parameters.filter(\.isTrainable).reduce(0.0) { sum, parameter in
      state.gradient(parameter).reduce(sum) { $0 + Double($1) * Double($1) }
    }
    rig.step.stepCount = 0
    let rate = Float(2e-3 / square)
    _ = try rig.run(1, SGD(learningRate: rate))
    rig.step.stepCount = 0
    let after = try rig.run(1, SGD(learningRate: 0))[0]
    #expect(abs((before - after) / (Double(rate) * square) - 1) < 0.05, "\(before) \(after)")
  }

  @Test func countsThreeTimesTheForwardWorkLessTheImagesGradient() throws {
    let network = try Network.named("resnet50")
    let rig = try Rig(network, batch: 1, size: 64, threads: 1)
    let forward = network.macs(batch: 1, inputSize: 64).flops.count
    let stem = try #require(network.filterLayers(batch: 1, inputSize: 64).first).shape.macs.flops
    let total = rig.step.program.directFLOPs.count
    #expect(total == 3 * forward - stem.count)
  }
}
