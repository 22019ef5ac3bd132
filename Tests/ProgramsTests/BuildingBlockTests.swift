import Basics
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// What Inception v3 and the games' towers are made of: programs beside the plain references.
extension ProgramTests {
  @Test(arguments: [1 << 40, 4000])
  func averagesWindowsWithTheirBorder(cache: Int) throws {
    let means = try graph { builder, images in
      let wide = try builder.convolution("wide", images, filters: 20, window: 1)
      let plain = try builder.averagePool("plain", wide, window: 3, stride: 1, padding: 1)
      builder.output("plain", plain)
      let strided = try builder.averagePool("strided", images, window: 4, stride: 3, padding: 2)
      builder.output("strided", strided)
      // In a range of what it is joined with.
      let beside = try builder.averagePool("beside", wide, window: 3, stride: 1, padding: 1)
      builder.output("joined", try builder.concatenation("joined", [images, beside]))
    }
    let program = try compare(means, batch: 4, cache: cache)
    let copied = program.units.first { $0.name == "joined" }?.leastBytes
    #expect(copied == 8 * 4 * 64 * 4, "only the images are copied")
  }

  @Test(arguments: [ConvAlgorithm.im2col, .direct, .reference])
  func convolvesInRowsAndColumns(algorithm: ConvAlgorithm) throws {
    let both = try graph { builder, images in
      let row = try builder.convolution(
        "row", images, filters: 24, window: PerAxis(1, 7), paddings: PerAxis(0, 3))
      let column = try builder.convolution(
        "column", builder.relu("relu", row), filters: 9, window: PerAxis(7, 1),
        paddings: PerAxis(3, 0))
      builder.output("y", try builder.concatenation("joined", [row, column]))
    }
    let program = try compare(both, batch: 2) { shape in
      #expect(algorithm.supports(shape))
      return algorithm
    }
    #expect(program.units.compactMap(\.algorithm) == [algorithm, algorithm])
  }

  @Test func normalisesByTheEpsilonThatItIsTold() throws {
    let norms = try graph { builder, images in
      let conv = try builder.convolution("conv", images, filters: 5, window: 1)
      builder.output("folded", try builder.batchNorm("folded", conv, epsilon: 0.5))
      builder.output("alone", try builder.batchNorm("alone", images, epsilon: 0.25))
    }
    let program = try compare(norms)
    #expect(program.units.map(\.name) == ["conv", "alone"])
  }

  @Test func trainsNormsOfOneSizeEachByItsEpsilon() throws {
    let network = Network(
      name: "norms", classes: 3, channels: 4, minimumInputSize: 8, usualInputSize: 8
    ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      let first = try builder.batchNorm("first", images, epsilon: 0.5)
      let second = try builder.batchNorm("second", builder.relu("relu", first))
      return [Graph.Port("logits", try builder.linear("fc", second, outputs: 3))]
    }
    try compareStep(network)
  }

  @Test(arguments: [1 << 40, 2000])
  func endsInATangentAndInARow(cache: Int) throws {
    let heads = try graph { builder, images in
      let planes = try builder.convolution(
        "planes", images, filters: 7, window: 3, paddings: 1, hasBias: true)
      builder.output("flat", try builder.flatten("flatten", planes))
      let one = try builder.linear("one", builder.averagePool("mean", planes), outputs: 1)
      builder.output("bounded", try builder.tanh("tanh", one))
    }
    let program = try compare(heads, batch: 4, cache: cache)
    #expect(program.outputNames == ["flat", "bounded"])
    #expect([0, 1].map(program.width) == [7 * 64, 1])
    #expect([0, 1].map(program.bound) == [nil, 1])
  }

  @Test func runsANarrowInception() throws {
    let network = InceptionV3.network(classes: 11, narrowing: 16)
    let weights = SeededWeights(for: network, seed: 2)
    let graph = network.graph(inputSize: 75)
    let program = try compare(graph, weights: weights, batch: 2, bound: 5e-5)
    #expect(program.directFLOPs == network.macs(batch: 2, inputSize: 75).flops)
    // A branch that nothing else reads is written where its block has it.
    let blocks = program.units.filter { $0.name.hasPrefix("Mixed") && !$0.name.contains(".") }
    #expect(blocks.count == 11)
    #expect(blocks.allSatisfy { $0.leastBytes == 0 })
    try compare(graph, weights: weights, batch: 2, cache: 20_000, bound: 5e-5)
  }

  @Test(arguments: [GameTower.Policy.linear(moves: 26), .planes(7)])
  func runsASmallTower(policy: GameTower.Policy) throws {
    let tower = GameTower(
      name: "small", blocks: 2, planes: 3, side: 5, policy: policy, width: 16)
    let network = tower.network
    let weights = SeededWeights(for: network, seed: 3)
    let graph = network.graph(inputSize: 5)
    let program = try compare(graph, weights: weights, batch: 4)
    #expect(program.outputNames == ["policy", "value"])
    #expect(program.width(0) == tower.moves)
    #expect(program.directFLOPs == network.macs(batch: 4, inputSize: 5).flops)
    #expect(program.units.filter { $0.epilogue.addsResidual }.count == 2)
    let fast = try compare(graph, weights: weights, batch: 4, bound: 1e-3) { ConvPlan.native($0) }
    #expect(fast.units.contains { $0.algorithm == .winograd2x3 || $0.algorithm == .winograd4x3 })
  }

  @Test func holdsBothHeadsAgainstTheOracle() throws {
    let network = GameTower(
      name: "small", blocks: 1, planes: 3, side: 5, policy: .linear(moves: 26), width: 16
    ).network
    let pool = ThreadPool(threads: 1)
    let weights = SeededWeights(for: network, seed: 1)
    let both = try compare(network.graph(inputSize: 5), weights: weights, batch: 2)
    #expect(both.outputNames == ["policy", "value"])
    func program(_ seed: UInt32) throws -> Program {
      let program = try Program(
        network, weights: SeededWeights(for: network, seed: seed), batch: 1, inputSize: 5,
        pool: pool
      ) { _, _ in .reference }
      let positions = AlignedBuffer(count: program.imageShape.count)
      SeededImages.fill(0..<1, seed: 1, channels: 3, size: 5, into: positions.elements)
      program.run(positions.pointer)
      return program
    }
    #expect(try program(1).error(beside: program(1)) == 0)
    #expect(try program(1).error(beside: program(2)) > 0.1)
  }
}
