import Kernels
import Models
import Programs
import TestSupport
import Testing

/// Inference programs against the oracle, and what its memory does.
@Suite struct InferenceTests {
  /// The logits of some seeded images.
  static func logits(
    _ network: Network, batch: Int, inputSize: Int, threads: Int, images: Range<Int>,
    choose: (String, ConvShape) -> ConvAlgorithm
  ) throws -> [Float] {
    let program = try Program(
      network, weights: SeededWeights(for: network, seed: 1), batch: batch, inputSize: inputSize,
      pool: ThreadPool(threads: threads), choose: choose)
    let input = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(
      images, seed: 1, channels: network.inputChannels, size: inputSize, into: input.elements)
    program.run(input.pointer)
    let first = Array(program.logits)
    program.run(input.pointer)
    #expect(Array(program.logits) == first, "a second run must find the program as the first did")
    return first
  }

  /// The networks whose classes are few when asked; `BuildingBlockTests` has small towers.
  static let names = Network.names.filter { (try? Network.named($0))?.takesClasses == true }

  @Test(arguments: names)
  func agreesWithTheOracle(name: String) throws {
    let network = try Network.named(name, classes: 10)
    let size = network.minimumInputSize
    let fast = try Self.logits(
      network, batch: 2, inputSize: size, threads: 2, images: 0..<2
    ) { _, _ in .im2col }
    let oracle = try Self.logits(
      network, batch: 2, inputSize: size, threads: 1, images: 0..<2
    ) { _, _ in .reference }
    // Rounding grows with the layers, and with how the core that OpenBLAS chose cuts its sums.
    let layers = network.parameters.count { $0.name.hasSuffix("weight") }
    #expect(relativeError(fast, oracle) < max(1e-5, 1.5e-7 * Double(layers)))
  }

  @Test func givesEachImageTheSameLogitsInEveryBatch() throws {
    let network = try Network.named("resnet18", classes: 5)
    func run(_ images: Range<Int>) throws -> [Float] {
      try Self.logits(
        network, batch: images.count, inputSize: 33, threads: 2, images: images
      ) { _, _ in .im2col }
    }
    let together = try run(0..<3)
    let apart = try run(0..<1) + run(1..<2) + run(2..<3)
    #expect(relativeError(together, apart) < 1e-5)
    #expect(relativeError(Array(together[0..<5]), Array(together[5..<10])) > 1e-2)
  }

  @Test(arguments: ["resnet18", "resnet50", "alexnet", "resnet20"], [1, 3])
  func computesTheSameBitsInGroupsOfAnySize(name: String, threads: Int) throws {
    let network = try Network.named(name, classes: 10)
    let (batch, size) = (4, max(64, network.minimumInputSize))
    let input = AlignedBuffer(count: batch * size * size * network.inputChannels)
    SeededImages.fill(
      0..<batch, seed: 2, channels: network.inputChannels, size: size, into: input.elements)
    func run(cache: Int) throws -> (logits: [Float], program: Program) {
      let program = try Program(
        network, weights: SeededWeights(for: network, seed: 1), batch: batch, inputSize: size,
        pool: ThreadPool(threads: threads), caches: CacheSizes(l1: 1, l2: 1, l3: cache)
      ) { ConvPlan.native($1.withBatch(batch)) }
      program.run(input.pointer)
      return (Array(program.logits), program)
    }
    let whole = try run(cache: 1 << 40)
    #expect(whole.program.units.allSatisfy { $0.images == batch })
    let largest = whole.program.units.map { $0.output.count }.max() ?? 0
    for images in [1, 2] {
      let grouped = try run(cache: 4 * 4 * largest / batch * images * 19 / 10)
      #expect(grouped.program.units[0].images < batch)
      #expect(grouped.logits == whole.logits)
      #expect(grouped.program.executedFLOPs == whole.program.executedFLOPs)
      #expect(grouped.program.activationBytes < whole.program.activationBytes)
    }
  }

  @Test func tellsOfEveryStepOfEveryGroup() throws {
    let network = try Network.named("resnet18", classes: 3)
    let batch = 4
    let program = try Program(
      network, weights: SeededWeights(for: network, seed: 1), batch: batch, inputSize: 64,
      pool: ThreadPool(threads: 1), caches: CacheSizes(l1: 1, l2: 1, l3: 4 << 20)
    ) { ConvPlan.native($1) }
    let input = AlignedBuffer(count: program.imageShape.count)
    var ended = program.units.map { _ in 0 }
    program.run(input.pointer) { ended[$0] += 1 }
    #expect(ended == program.units.map { batch / $0.images })
    #expect(Set(ended).count > 1)
  }

  @Test func fusesAllButPoolingIntoTheFilters() throws {
    let network = try Network.named("resnet50")
    let weights = SeededWeights(for: network, seed: 1)
    let program = try Program(
      network, weights: weights, batch: 1, inputSize: 64, pool: ThreadPool(threads: 1)
    ) { _, _ in .im2col }
    #expect(program.units.count == 53 + 1 + 2)
    #expect(program.units.filter { $0.epilogue.addsResidual }.count == 16)
    #expect(program.units.filter { $0.epilogue.appliesReLU }.count == 49)
    #expect(program.directFLOPs == network.macs(batch: 1, inputSize: 64).flops)
    let downsample = try #require(program.units.first { $0.name == "layer2.0.downsample.0" })
    #expect(downsample.epilogue == Epilogue())
  }
}
