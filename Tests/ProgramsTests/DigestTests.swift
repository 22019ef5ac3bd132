import Basics
import Formats
import Foundation
import Graphs
import Harness
import Kernels
import Models
import Programs
import Testing
import Workloads

/// Logits, losses and updated weights, bit for bit, against those that were recorded.
///
/// What rounds otherwise is another answer, also where it is within every bound. With
/// `REGENERATE=1` in the environment the fixture is written anew; it holds one entry an
/// instruction set, with what else decides how sums are cut.
@Suite(.serialized) struct DigestTests {
  /// Networks whose logits are recorded of one image and one thread only: each has the layers of a
  /// shallower one of its family, of which more is recorded.
  private static let deeper: Set = [
    "resnet34", "resnet101", "resnet152", "resnet32", "resnet44", "resnet56", "alphago-zero-40",
  ]

  /// All networks but those for texts, whose answers `TextParityTests` holds to PyTorch's.
  private static let names = Network.names.filter {
    (try? Network.named($0).item) != .sequence
  }

  /// Bytes that programs take, as estimated before they are allocated, never above those recorded.
  @Test func takesNoMoreMemoryThanBefore() throws {
    let file = Self.file.deletingLastPathComponent().appendingPathComponent("memory.json")
    var all = try JSONDecoder().decode([String: [String: Int]].self, from: Data(contentsOf: file))
    let caches = "l2 \(CacheSizes.current.l2) l3 \(CacheSizes.current.l3)"
    var made: [String: Int] = [:]
    for name in Self.names {
      let network = try Network.named(name)
      let size = network.usualInputSize
      let graph = network.inferenceGraph(inputSize: size)
      for (batch, threads) in [(1, 1), (1, 2), (3, 2), (16, 2)] {
        made["infer/\(name)/b\(batch)/t\(threads)"] =
          MemoryEstimate.inference(graph, batch: batch, threads: threads).bytes
        guard network.readsLabels else { continue }
        made["train/\(name)/b\(batch)/t\(threads)"] =
          MemoryEstimate.training(network, batch: batch, inputSize: size, threads: threads).bytes
      }
    }
    if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
      all[caches] = made
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try (encoder.encode(all) + Data("\n".utf8)).write(to: file)
    }
    guard let recorded = all[caches] else {
      print("SKIPPED: no estimates for caches of \(caches)")
      return
    }
    for (id, bytes) in recorded {
      let now = try #require(made[id])
      // What was recorded of training left the batches' statistics out.
      let name = String(id.split(separator: "/")[1])
      let statistics = try Network.named(name).parameters.filter { $0.role == .runningMean }
        .reduce(0) { $0 + (8 * $1.count + 63) / 64 * 64 }
      let before = bytes + (id.hasPrefix("train") ? statistics : 0)
      #expect(now <= before, "\(id): \(now), before \(before)")
    }
  }

  /// What one build gave on one kind of machine.
  private struct Recorded: Codable {
    /// Bytes of the second level, from which the depth of a product's chunks follows.
    var l2: Int
    /// The kernels that OpenBLAS chose.
    var openblas: String
    /// 64-bit FNV-1a in hexadecimal by case.
    var digests: [String: String]
  }

  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/digests.json")

  @Test(arguments: names)
  func givesTheSameBitsAsBefore(name: String) throws {
    var all = try JSONDecoder().decode([String: Recorded].self, from: Data(contentsOf: Self.file))
    // Instructions for bytes and bfloat16 change no sum of floats.
    let march = String(ContextReader.march.prefix { $0 != "+" })
    let isRecording = ProcessInfo.processInfo.environment["REGENERATE"] == "1"
    // Where there is nothing to compare with, nothing is computed.
    guard isRecording || all[march]?.l2 == CacheSizes.current.l2 else {
      print("SKIPPED: no digests of \(march) with a second level of \(CacheSizes.current.l2) bytes")
      return
    }
    let made = try Self.digests(of: name)
    #expect(OpenBLAS.threads == 1, "a test that sets more needs a process of its own")
    if isRecording {
      let before = (all[march]?.digests ?? [:]).filter { $0.key.split(separator: "/")[1] != name }
      all[march] = Recorded(
        l2: CacheSizes.current.l2, openblas: OpenBLAS.coreName,
        digests: before.merging(made) { $1 })
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try (encoder.encode(all) + Data("\n".utf8)).write(to: Self.file)
    }
    let recorded = try #require(all[march])
    let expected = recorded.digests.filter { $0.key.split(separator: "/")[1] == name }
    #expect(
      Set(expected.keys) == Set(made.keys), "record a new network of \(march) with REGENERATE=1")
    for (id, digest) in expected.sorted(by: { $0.key < $1.key }) {
      if id.contains("/openblas"), recorded.openblas != OpenBLAS.coreName { continue }
      #expect(made[id] == digest, "\(id)")
    }
  }

  /// Everything that is recorded of one network.
  private static func digests(of name: String) throws -> [String: String] {
    let usualNetwork = try Network.named(name)
    let network = usualNetwork.takesClasses ? try Network.named(name, classes: 10) : usualNetwork
    let weights = try KeptWeights(of: network)
    let engines: [Engine] = [.native, .nativeDirect, .openblas]
    var made: [String: String] = [:]
    let usual = network.usualInputSize == 224 ? 48 : 28
    let least = name == "alexnet" ? 67 : max(network.minimumInputSize, usual)
    let size = min(least, network.maximumInputSize)
    // The tower for chess has the same layers, on a smaller board, and all four.
    let most = name == "alphago-zero-20" ? [(1, 1), (3, 2)] : [(1, 1), (1, 2), (3, 1), (3, 2)]
    let runs = deeper.contains(name) ? [(1, 1)] : most
    for engine in engines + (name == "resnet20" ? [.reference] : []) {
      for (batch, threads) in runs {
        try addLogits(
          of: network, weights, engine, size: size, batch: batch, threads: threads, to: &made)
      }
    }
    if name == "resnet50" {
      for threads in [1, 2] {
        try addLogits(
          of: network, weights, .native, size: 160, batch: 4, threads: threads, to: &made)
      }
    }
    if let (_, size, batch) = trained.first(where: { $0.0 == name }) {
      for engine in engines {
        for threads in [1, 2] {
          try addSteps(
            of: network, weights, engine, size, batch: batch, threads: threads, to: &made)
        }
      }
    }
    if name == "resnet20" {
      try addSteps(of: network, weights, .reference, 8, batch: 2, threads: 2, to: &made)
    }
    return made
  }

  /// Networks whose training steps are recorded, with sizes at which every kind of kernel runs.
  private static let trained: [(String, Int, Int)] = [
    ("resnet18", 64, 3), ("resnet20", 28, 5), ("alexnet-small", 28, 5), ("resnet50", 64, 2),
  ]

  private static func addLogits(
    of network: Network, _ weights: KeptWeights, _ engine: Engine, size: Int, batch: Int,
    threads: Int, to made: inout [String: String]
  ) throws {
    let program = try Program(
      network, weights: weights, batch: batch, inputSize: size, pool: ThreadPool(threads: threads)
    ) { engine.algorithm(for: $1) }
    let images = AlignedBuffer(count: program.imageShape.count)
    SeededImages.fill(
      0..<batch, seed: 1, channels: network.inputChannels, size: size, into: images.elements)
    program.run(images.pointer)
    let id = "infer/\(network.name)/i\(size)/b\(batch)/t\(threads)/\(engine.rawValue)"
    made[id] = digest(program.outputNames.indices.map(program.values).joined())
  }

  private static func addSteps(
    of network: Network, _ weights: KeptWeights, _ engine: Engine, _ size: Int, batch: Int,
    threads: Int, to made: inout [String: String]
  ) throws {
    let state = try TrainingState(network, weights: weights)
    let step = try TrainingStep(
      network, state: state, batch: batch, inputSize: size, seed: 5,
      pool: ThreadPool(threads: threads)
    ) { engine.algorithm(for: $1, direction: $2) }
    let images = AlignedBuffer(count: step.program.imageShape.count)
    SeededImages.fill(
      0..<batch, seed: 1, channels: network.inputChannels, size: size, into: images.elements)
    let labels = (0..<batch).map { Int32((7 * $0 + 3) % network.classes) }
    let optimizer = SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 5e-5)
    let losses = (0..<3).map { _ in
      Float(step.run(images.pointer, labels: labels, optimizer: optimizer))
    }
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for parameter in state.parameters {
      add(try state.values(parameter), to: &hash)
      if parameter.isTrainable { add(state.momentum(parameter), to: &hash) }
    }
    let id = "train/\(network.name)/i\(size)/b\(batch)/t\(threads)/\(engine.rawValue)"
    made["\(id)/losses"] = digest(losses)
    made["\(id)/weights"] = String(hash, radix: 16)
  }

  private static func digest(_ values: some Sequence<Float>) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    add(values, to: &hash)
    return String(hash, radix: 16)
  }

  private static func add(_ values: some Sequence<Float>, to hash: inout UInt64) {
    for value in values { hash = (hash ^ UInt64(value.bitPattern)) &* 0x0000_0100_0000_01B3 }
  }
}
