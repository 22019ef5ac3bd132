import Basics
import Foundation
import Graphs
import Kernels
import Models
import Programs
import Ranks
import Synchronization
import Tensors
import TestSupport
import Testing

/// Steps whose images several processes, or one in turn, have a part of each.
@Suite struct ShardTests {
  static let optimizer = SGD(learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4)

  /// How ranks sum, and how many they are.
  struct Way: Sendable, CustomTestStringConvertible {
    var ranks: Int
    var network = "resnet20"
    var overlap = RankReduction.Overlap.tested
    var algorithm = RankReduction.Algorithm.ring
    var bucketBytes = 4 << 20
    var precision = TrainingPrecision.f32

    var testDescription: String {
      "\(network), \(ranks) ranks, \(overlap), \(algorithm), buckets of \(bucketBytes), "
        + "\(precision)"
    }
  }

  /// Images and labels of a shard, the same whoever has it.
  private static func inputs(
    _ network: Network, shard: Int, batch: Int, size: Int, step: Int
  ) -> (images: [Float], labels: [Int32]) {
    let first = (100 * step + shard) * batch
    let count = network.imageShape(batch: batch, inputSize: size).count
    var images = [Float](repeating: 0, count: count)
    images.withUnsafeMutableBufferPointer {
      SeededImages.fill(
        first..<first + batch, seed: 5, channels: network.inputChannels, size: size, into: $0)
    }
    return (images, (0..<batch).map { Int32((first + $0) * 7919 % network.classes) })
  }

  private static func step(
    _ network: Network, batch: Int, size: Int, shards: Int, precision: TrainingPrecision = .f32
  ) throws -> (step: TrainingStep, pool: ThreadPool) {
    let pool = ThreadPool(threads: 1)
    let state = try TrainingState(network, weights: FreshWeights(for: network, seed: 1))
    let step = try TrainingStep(
      network, state: state, batch: batch, inputSize: size, seed: 9, shards: shards,
      precision: precision, pool: pool
    ) { _, _, _ in .im2col }
    return (step, pool)
  }

  private static func network(_ name: String) throws -> (network: Network, size: Int) {
    let network = try Network.named(name, classes: 10)
    return (network, max(8, network.minimumInputSize))
  }

  /// Weights and running statistics after three steps, and the losses, of one process.
  private func inTurn(_ way: Way) throws -> (elements: [Float], losses: [Double]) {
    let (network, size) = try Self.network(way.network)
    let made = try Self.step(
      network, batch: 2, size: size, shards: way.ranks, precision: way.precision)
    let turn = ShardedStep(made.step)
    var losses: [Double] = []
    for number in 0..<3 {
      for shard in 0..<way.ranks {
        let given = Self.inputs(network, shard: shard, batch: 2, size: size, step: number)
        losses.append(turn.differentiate(shard, given.images, labels: given.labels))
      }
      turn.update(Self.optimizer)
    }
    turn.averageStatistics()
    return (Array(made.step.state.elements) + made.step.state.runningStatistics, losses)
  }

  /// What a rank comes to, or why it does not.
  private struct RankResult: Sendable {
    var elements: [Float] = []
    var statistics: [Float] = []
    var losses: [Double] = []
    var fault: String?
  }

  /// The same by ranks, each a thread of this process.
  private func byRanks(_ way: Way) throws -> [RankResult] {
    let (post, results) = (BoxLink.Post(), Results(count: way.ranks))
    let ended = DispatchSemaphore(value: 0)
    for rank in 0..<way.ranks {
      Thread.detachNewThread {
        defer { ended.signal() }
        do {
          results.set(rank, try Self.takeSteps(way, BoxLink(rank: rank, of: way.ranks, post: post)))
        } catch {
          results.set(rank, RankResult(fault: "\(error)"))
        }
      }
    }
    for _ in 0..<way.ranks {
      #expect(ended.wait(timeout: .now() + 120) == .success)
    }
    return results.all
  }

  private final class Results: Sendable {
    private let values: Mutex<[RankResult]>
    init(count: Int) { values = Mutex([RankResult](repeating: RankResult(), count: count)) }
    func set(_ rank: Int, _ result: RankResult) { values.withLock { $0[rank] = result } }
    var all: [RankResult] { values.withLock { $0 } }
  }

  private static func takeSteps(_ way: Way, _ link: BoxLink) throws -> RankResult {
    let (network, size) = try Self.network(way.network)
    let made = try Self.step(
      network, batch: 2, size: size, shards: way.ranks, precision: way.precision)
    var settings = RankReduction.Settings()
    settings.overlap = way.overlap
    settings.algorithm = way.algorithm
    settings.bucketBytes = way.bucketBytes
    let reduction = RankReduction(of: made.step, over: link, settings: settings, pool: made.pool)
    made.step.state.reduction = reduction
    made.step.shard = link.rank
    var result = RankResult()
    for number in 0..<3 {
      let given = Self.inputs(network, shard: link.rank, batch: 2, size: size, step: number)
      result.losses.append(made.step.run(given.images, labels: given.labels, optimizer: optimizer))
      if let fault = reduction.fault { throw fault }
    }
    result.elements = Array(made.step.state.elements)
    result.statistics = made.step.state.runningStatistics
    return result
  }

  /// Bit for bit, for every number of ranks, overlap and size of buckets: batch-norm, dropout, momentum.
  @Test(arguments: [
    Way(ranks: 2), Way(ranks: 3), Way(ranks: 5), Way(ranks: 3, overlap: .none),
    Way(ranks: 3, overlap: .posted), Way(ranks: 3, bucketBytes: 1),
    Way(ranks: 4, bucketBytes: 600_000), Way(ranks: 2, network: "alexnet-small"),
    Way(ranks: 3, network: "alexnet-small", bucketBytes: 1 << 20),
    Way(ranks: 3, precision: .bf16), Way(ranks: 3, overlap: .none, precision: .bf16),
    Way(ranks: 3, overlap: .posted, bucketBytes: 1, precision: .bf16),
    Way(ranks: 2, network: "alexnet-small", precision: .bf16),
  ])
  func ranksComeToTheBitsOfOneProcess(_ way: Way) throws {
    let expected = try inTurn(way)
    let ranks = try byRanks(way)
    let statistics = ShardMean.of(ranks.map(\.statistics))
    for (rank, result) in ranks.enumerated() {
      #expect(result.fault == nil, "rank \(rank)")
      #expect(result.elements + statistics == expected.elements, "rank \(rank)")
      let losses = (0..<3).map { expected.losses[$0 * way.ranks + rank] }
      #expect(result.losses == losses, "rank \(rank)")
    }
  }

  /// The library adds in an order of its own: ranks agree with one another, and with one process
  /// nearly.
  @Test func theLibrarysSumsAreNearlyThoseOfOneProcess() throws {
    let way = Way(ranks: 3, algorithm: .library, bucketBytes: 600_000)
    let (expected, ranks) = (try inTurn(way), try byRanks(way))
    for result in ranks {
      #expect(result.fault == nil)
      #expect(result.elements == ranks[0].elements)
      let own = expected.elements.prefix(result.elements.count)
      #expect(RelativeError.between(result.elements, own) < 1e-5)
    }
  }

  /// What is not as usual is in the names of cases.
  @Test func settingsAreNamedWhereTheyAreUnusual() {
    var settings = RankReduction.Settings()
    #expect(settings.unusual == nil)
    settings.bucketBytes = 1 << 18
    #expect(settings.unusual == "262144B")
    (settings.overlap, settings.algorithm) = (.none, .library)
    #expect(settings.unusual == "none-library-262144B")
  }

  @Test func aRankThatHasGoneIsAFault() throws {
    let way = Way(ranks: 2)
    let alone = BoxLink(rank: 1, of: 2, post: BoxLink.Post(), stallSeconds: 0.05)
    let problem = #expect(throws: Problem.self) { try Self.takeSteps(way, alone) }
    #expect(problem?.kind == .caseFailed)
    #expect(problem?.description.contains("rank 1 of 2") == true, "\(problem?.description ?? "")")
  }

  /// Without batch-norm, shards are a matter of rounding; with dropout, too, whose masks are those of
  /// the whole batch.
  @Test(arguments: [false, true]) func shardsAreTheBatch(hasDropout: Bool) throws {
    let network = Network(
      name: "plain", classes: 3, channels: 4, minimumInputSize: 8, usualInputSize: 8
    ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = try builder.convolution("conv", images, filters: 6, window: 3, hasBias: true)
      value = try builder.append("relu", ReLU(), [value])[0]
      if hasDropout {
        value = try builder.append("drop", RandomDropout(probability: 0.5, stream: 3), [value])[0]
      }
      value = try builder.averagePool("parts", value, side: 2)
      return [Graph.Port("logits", try builder.linear("fc", value, outputs: 3))]
    }
    let whole = try Self.step(network, batch: 6, size: 8, shards: 1).step
    let parts = ShardedStep(try Self.step(network, batch: 2, size: 8, shards: 3).step)
    let before = Array(whole.state.elements)
    let all = Self.inputs(network, shard: 0, batch: 6, size: 8, step: 0)
    let loss = whole.run(all.images, labels: all.labels, optimizer: Self.optimizer)
    var sum = 0.0
    let image = all.images.count / 6
    for shard in 0..<3 {
      sum += parts.differentiate(
        shard, Array(all.images[2 * shard * image..<2 * (shard + 1) * image]),
        labels: Array(all.labels[2 * shard..<2 * shard + 2]))
    }
    parts.update(Self.optimizer)
    #expect(abs(sum - loss) < 1e-6 * loss)
    let changes = zip(whole.state.elements, before).map { $0 - $1 }
    let own = zip(parts.step.state.elements, before).map { $0 - $1 }
    #expect(changes.contains { $0 != 0 })
    #expect(RelativeError.between(own, changes) < 1e-4)
  }

  /// Every float is in one bucket, the last first, and every bucket waits for what is written to it.
  @Test(arguments: [1, 300_000, 1 << 30]) func bucketsCoverTheBlock(bytes: Int) {
    let count = 5 * 65_536 + 48
    let ranges = [[300_000..<count], [], [0..<65_536, 65_536..<131_080], [131_088..<300_000]]
    let cut = GradientBuckets(count: count, ranges: ranges, bytes: bytes)
    #expect(cut.segments == 6)
    #expect(cut.buckets.reversed().flatMap { Array($0) } == Array(0..<6))
    #expect(cut.buckets.map { cut.floats($0).count }.reduce(0, +) == count)
    var missing = cut.parts
    var done: [Int] = []
    for unit in ranges.indices {
      for bucket in cut.ofUnit[unit] {
        missing[bucket] -= 1
        if missing[bucket] == 0 { done.append(bucket) }
      }
      for bucket in done {
        let floats = cut.floats(cut.buckets[bucket])
        let written = ranges[...unit].flatMap { $0 }.reduce(0) { $0 + $1.clamped(to: floats).count }
        // 8 floats lie between two gradients.
        #expect(written >= floats.count - 8)
      }
    }
    #expect(missing.allSatisfy { $0 == 0 } && done.sorted() == Array(cut.buckets.indices))
  }

  /// A step of one process has no node for what it does not share, and one of several has it where
  /// the gradients lie.
  @Test(arguments: TrainingPrecision.allCases)
  func sumsWhereTheGradientsLie(precision: TrainingPrecision) throws {
    let network = try Network.named("resnet20", classes: 10)
    let alone = network.trainingGraph(inputSize: 8, precision: precision)
    #expect(!alone.nodes.contains { $0.op is GradientSum })
    let graph = network.trainingGraph(inputSize: 8, shards: 4, precision: precision)
    let node = try #require(graph.nodes.first { $0.op is GradientSum })
    #expect(graph.nodes.count == alone.nodes.count + 1)
    #expect(node.inputs.count == network.parameters.count { $0.isTrainable })
    let shapes = try graph.shapes(["batch": 2])
    let groups = ImageGroups(graph, shapes, batch: 2, threads: 1, caches: .current)
    let plan = MemoryPlan(graph, shapes, groups: groups)
    for (own, sum) in zip(node.inputs, node.outputs) { #expect(plan[own] == plan[sum]) }
    let refused = #expect(throws: Problem.self) { try GradientSum(count: 2).outputs([]) }
    #expect(refused?.kind == .malformed)
  }

  /// The sums stand before the update of any optimizer, and where derivatives are added up in place.
  @Test(arguments: SequenceTrainingTests.networks, Optimizer.Kind.allCases)
  func sumsBeforeEveryUpdate(network: Network, kind: Optimizer.Kind) throws {
    let gradients = try #require(network.gradientGraph(inputSize: 5))
    let graph = try gradients.summingOverShards().withUpdate(kind)
    let node = try #require(graph.nodes.first { $0.op is GradientSum })
    let update = try #require(graph.nodes.first { $0.op is ParameterUpdate })
    #expect(Array(update.inputs.suffix(node.outputs.count)) == node.outputs)
    let shapes = try graph.shapes(["batch": 2])
    let groups = ImageGroups(graph, shapes, batch: 2, threads: 1, caches: .current)
    let plan = MemoryPlan(graph, shapes, groups: groups)
    for (own, sum) in zip(node.inputs, node.outputs) {
      #expect(plan[own] == plan[sum])
      guard case .gradient = plan[own].block else {
        Issue.record("\(graph[own].name) lies elsewhere")
        continue
      }
    }
  }

  /// What is no mean over labels is not cut into shards.
  @Test func refusesWhatReadsNoLabels() throws {
    for (name, word) in [("gpt2", "sequences"), ("alphazero-chess", "positions")] {
      let refused = #expect(throws: Problem.self) { try Network.named(name).refuseShards() }
      #expect(refused?.kind == .usage)
      #expect(refused?.description.contains(word) == true, "\(refused?.description ?? "")")
    }
    try Network.named("resnet20").refuseShards()
  }
}
