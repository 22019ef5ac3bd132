import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing
import Workloads

/// Training steps of small towers for games: shares of moves and results.
@Suite struct GameTrainingTests {
  static let towers: [GameTower] = [
    GameTower(
      name: "go", blocks: 1, planes: 3, side: 5, policy: .linear(moves: 26), width: 8),
    GameTower(name: "chess", blocks: 1, planes: 4, side: 4, policy: .planes(3), width: 8),
  ]

  /// Both losses, and what a step makes of all parameters, beside the references of its operators.
  @Test(arguments: towers)
  func learnsMovesAndResults(tower: GameTower) throws {
    let (network, batch) = (tower.network, 6)
    let step = try TrainingStep(
      network, state: try TrainingState(network, weights: SeededWeights(for: network, seed: 2)),
      batch: batch, inputSize: tower.side, pool: ThreadPool(threads: 2)
    ) { _, _, _ in .direct }
    let graph = step.program.graph
    #expect(graph.outputs.map(\.name) == ["loss.policy", "loss.value"])
    var random = SeededRandom(seed: 7)
    let positions = AlignedBuffer(count: step.program.imageShape.count)
    for index in positions.elements.indices {
      positions.elements[index] = Float.random(in: -1...1, using: &random)
    }
    let shares = AlignedBuffer(count: batch * tower.moves)
    for index in shares.elements.indices {
      shares.elements[index] = Float.random(in: 0...0.1, using: &random)
    }
    let results = AlignedBuffer(count: batch)
    for index in 0..<batch { results.pointer[index] = index % 2 == 0 ? 1 : -0.5 }
    var inputs = try ProgramTests().tensors(graph, SeededWeights(for: network, seed: 2))
    inputs["images"] = ReferenceTensor(
      step.program.imageShape, positions.elements.map(Double.init))
    inputs["targets.policy"] = ReferenceTensor(
      [batch, tower.moves], shares.elements.map(Double.init))
    inputs["targets.value"] = ReferenceTensor([batch, 1], results.elements.map(Double.init))
    let optimizer = SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 0.1)
    let numbers = [optimizer.learningRate, optimizer.momentum, optimizer.weightDecay]
    inputs["optimizer"] = ReferenceTensor([3], numbers.map(Double.init))
    let expected = try graph.evaluate(inputs)
    step.bind(targets: [UnsafeRawPointer(shares.bytes), UnsafeRawPointer(results.bytes)])
    let loss = withExtendedLifetime(shares) {
      withExtendedLifetime(results) { step.run(positions.pointer, optimizer: optimizer) }
    }
    let sum = try graph.outputs.reduce(0) { $0 + (try #require(expected[$1.name]).values[0]) }
    #expect(abs(loss - sum) < 1e-5 * (1 + sum))
    for parameter in step.state.parameters where parameter.isTrainable {
      let (old, new) = (
        try #require(inputs[parameter.name]).values, try #require(expected[parameter.name]).values
      )
      let own = zip(try step.state.values(parameter), old).map { Float(Double($0) - $1) }
      let change = zip(new, old).map { Float($0 - $1) }
      #expect(relativeError(own, change) < 2e-3, "\(parameter.name)")
    }
  }

  @Test(arguments: towers)
  func differentiatesAsDifferencesSay(tower: GameTower) throws {
    let network = tower.network
    let forward = try network.graph(inputSize: tower.side).preparedForTraining(seed: 1)
      .withTargets()
    var inputs = try ProgramTests().tensors(forward, SeededWeights(for: network, seed: 2))
    let planes = tower.side * tower.side * tower.planes
    inputs["images"] = ReferenceTensor([3, tower.side, tower.side, tower.planes]) {
      Double($0 * 7 % 23) / 8 - 1 + Double($0 / planes) / 5
    }
    inputs["targets.policy"] = ReferenceTensor([3, tower.moves]) { Double($0 * 5 % 11) / 100 }
    inputs["targets.value"] = ReferenceTensor([3, 1], [1, -1, 0.3])
    let derivatives = try checkedDerivatives(of: forward, at: inputs, most: 3)
    let trained = network.parameters.filter(\.isTrainable).map(\.name)
    #expect(Set(derivatives.map(\.parameter)) == Set(trained))
    for derivative in derivatives {
      #expect(abs(derivative.given - derivative.difference) < 1e-5, "\(derivative)")
    }
  }
}
