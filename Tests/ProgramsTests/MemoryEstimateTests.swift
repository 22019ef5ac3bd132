import Basics
import Formats
import Foundation
import Graphs
import Kernels
import Models
import Programs
import Tensors
import TestSupport
import Testing

/// What is refused before it is allocated.
@Suite struct MemoryEstimateTests {
  @Test func readsWhatTheKernelSays() {
    let meminfo = "MemTotal:  100 kB\nMemAvailable:    2048 kB\nBuffers: 1 kB\n"
    #expect(AvailableMemory.machineBytes(meminfo) == 2 << 20)
    #expect(AvailableMemory.machineBytes("") == nil)
    #expect((AvailableMemory.bytes() ?? 0) > 0)
  }

  @Test func countsTheContainersCacheAsFree() {
    let statistics = "anon 5\ninactive_file 300\n"
    #expect(
      AvailableMemory.containerBytes(limit: "1000\n", usage: "700\n", statistics: statistics)
        == 600)
    #expect(AvailableMemory.containerBytes(limit: "max\n", usage: "7", statistics: "") == nil)
    #expect(
      AvailableMemory.containerBytes(limit: "9223372036854771712", usage: "7", statistics: "")
        == nil)
  }

  /// A pod or a slice has the limit; the process's own group has none.
  @Test(arguments: ["", "/memory"])
  func aLimitOfAGroupAboveCounts(_ mount: String) throws {
    let folder = try TemporaryDirectory()
    let pod = "sys/fs/cgroup\(mount)/pod.slice"
    for path in [pod + "/own", "proc/self"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(path), withIntermediateDirectories: true)
    }
    let isNew = mount.isEmpty
    let limit = isNew ? "memory.max" : "memory.limit_in_bytes"
    let usage = isNew ? "memory.current" : "memory.usage_in_bytes"
    for (name, text) in [
      ("proc/self/cgroup", isNew ? "0::/pod.slice/own\n" : "4:memory:/pod.slice/own\n"),
      ("\(pod)/\(limit)", "3000\n"), ("\(pod)/\(usage)", "1000\n"),
      ("\(pod)/own/\(limit)", isNew ? "max\n" : "9223372036854771712\n"),
    ] { _ = try folder.file(name, Data(text.utf8)) }
    let found = AvailableMemory.containerBytes(
      proc: folder.path("proc"), sys: folder.path("sys"))
    #expect(found == 2000)
  }

  @Test func versionOneTellsOfGroupsThatAreNotSeen() {
    let found = AvailableMemory.containerBytes(
      limit: "9223372036854771712", usage: "700", statistics: "hierarchical_memory_limit 1000\n")
    #expect(found == 300)
  }

  @Test func estimatesAtLeastWhatThePlansTake() throws {
    let network = try Network.named("resnet18")
    let pool = ThreadPool(threads: 2)
    let weights = SeededWeights(for: network, seed: 1)
    let inference = try Program(
      network, weights: weights, batch: 2, inputSize: 64, pool: pool
    ) { _, _ in .im2col }
    let estimate = MemoryEstimate.inference(
      network.inferenceGraph(inputSize: 64), batch: 2, threads: 2
    ).bytes
    let parameterBytes = network.parameters.reduce(0) { $0 + 4 * $1.count }
    #expect(estimate > inference.activationBytes + parameterBytes)
    #expect(estimate < 3 * parameterBytes + 2 * inference.activationBytes + 64 << 20)

    let training = try TrainingStep(
      network, state: try TrainingState(network, weights: weights), batch: 2, inputSize: 64,
      pool: pool
    ) { _, _, _ in .im2col }
    let whole = MemoryEstimate.training(network, batch: 2, inputSize: 64, threads: 2).bytes
    #expect(whole > training.program.activationBytes + 4 * parameterBytes)
  }

  /// Two states, what arrives, the weights from before, two changes, and a block of gradients a shard.
  @Test func countsWhatRanksAreComparedBy() throws {
    let network = try Network.named("resnet18")
    let trained = network.parameters.reduce(0) { $0 + ($1.isTrainable ? 4 * $1.count : 0) }
    func bytes(_ shards: Int) -> Int {
      MemoryEstimate.shardCheck(
        network, batch: 2, inputSize: 64, precision: .f32, threads: 1, shards: shards
      ).bytes
    }
    let step = MemoryEstimate.training(network, batch: 2, inputSize: 64, threads: 1).bytes
    #expect(bytes(2) >= 2 * step + (4 + 2) * trained)
    #expect(bytes(8) - bytes(2) >= 6 * trained)
    #expect(bytes(1) >= step + 4 * trained && bytes(1) < bytes(2))
  }

  @Test func trainsResNet50AtBatch16InLessThanPyTorchsLeanest() throws {
    let network = try Network.named("resnet50")
    let bytes = MemoryEstimate.training(network, batch: 16, inputSize: 224, threads: 2).bytes
    #expect(bytes < 2_600_000_000, "\(bytes)")
  }

  /// The gates of all steps are more than the states that a layer gives.
  @Test func countsTheGatesOfAllSteps() throws {
    var builder = GraphBuilder()
    var inputs: [Graph.Value] = []
    for (name, lengths) in [("x", [2048, 16, 4]), ("w", [1, 256, 4]), ("r", [1, 256, 64])] {
      inputs.append(builder.input(name, TensorType(.f32, lengths.map { .fixed($0) })))
    }
    let layer = RecurrentLayer(.lstm, .forward, isBatchFirst: false)
    builder.output("y", try builder.append("lstm", layer, inputs)[0])
    let graph = try builder.graph()
    let program = try Program(
      graph, parameters: .frozen(ProgramTests.Weights()), batch: 1, pool: ThreadPool(threads: 1)
    ) { _, _, _ in .direct }
    let estimate = MemoryEstimate.inference(graph, batch: 1, threads: 1).bytes
    #expect(estimate > program.activationBytes)
  }

  /// The right-hand matrix of a product, and keys and values of attention, once for each thread.
  @Test func countsWhatIsPackedInARun() throws {
    let cases: [(op: any Operator, lengths: [[Int]], packed: Int)] = [
      (MatrixProduct(), [[2, 4096], [4096, 4096]], 4096 * 4096),
      (HeadAttention(), [[1, 1, 24, 64], [1, 1, 65536, 64], [1, 1, 65536, 64]], 65536 * 128),
    ]
    for (op, lengths, packed) in cases {
      var builder = GraphBuilder()
      var inputs: [Graph.Value] = []
      for (index, own) in lengths.enumerated() {
        inputs.append(builder.input("x\(index)", TensorType(.f32, own.map { .fixed($0) })))
      }
      builder.output("y", try builder.append("op", op, inputs)[0])
      let count = lengths.reduce(0) { $0 + $1.reduce(1, *) }
      let estimate = MemoryEstimate.inference(try builder.graph(), batch: 1, threads: 2).bytes
      #expect(estimate > 4 * count + 8 * packed, "\(op)")
    }
  }

  /// The bytes of all outputs together are more than 64 bits hold.
  @Test func doesNotPlanWhatNoMachineHas() throws {
    var builder = GraphBuilder()
    let input = builder.input("x", TensorType(.f32, [.batch, .fixed(1 << 47)]))
    for index in 0..<9000 {
      let value = try builder.append("relu\(index)", ReLU(), [input])[0]
      builder.output("y\(index)", value)
    }
    let graph = try builder.graph()
    #expect(MemoryEstimate.inference(graph, batch: 2, threads: 1).bytes == 1 << 48)
  }

  @Test func refusesWithBothNumbers() {
    let estimate = MemoryEstimate(bytes: 10 << 20)
    let error = #expect(throws: Problem.self) {
      try estimate.refuseIfTooLarge(
        for: "--batch-size 9", remedy: "choose a smaller one", available: 1 << 20)
    }
    #expect(error?.description.contains("10 MiB") == true)
    #expect(error?.description.contains("1 MiB are free") == true)
    #expect(throws: Never.self) {
      try estimate.refuseIfTooLarge(for: "", remedy: "", available: 10 << 20)
    }
  }
}
