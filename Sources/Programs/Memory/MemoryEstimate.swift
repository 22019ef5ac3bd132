import Basics
import Graphs
import Kernels
import Models
import Tensors

/// What a plan will take in memory, known before any of it is allocated.
package struct MemoryEstimate: Sendable {
  /// Bytes, rounded up generously rather than down.
  package var bytes: Int

  package init(bytes: Int) { self.bytes = bytes }

  /// Bytes of workspace that algorithms may take for each thread.
  static let workspaceBytesPerThread = 16 << 20
  /// Elements of all values together from which on nothing is planned: no machine has them, and sums
  /// over thousands of steps could leave 64 bits.
  static let elementLimit = 1 << 42

  /// Inference: packed filters, one layer's filters as they are read, activations, inputs, outputs.
  ///
  /// Eight bytes are counted for each number of a filter. Bytes take four packed at most, and by
  /// Winograd's algorithm 64 for nine, as layers that would take more are left to others.
  ///
  /// - Parameters:
  ///   - graph: With the passes of inference.
  ///   - batch: Items of one run.
  ///   - threads: Threads that it runs on.
  /// - Returns: The sum.
  package static func inference(_ graph: Graph, batch: Int, threads: Int) -> MemoryEstimate {
    guard let shapes = try? graph.shapes(["batch": batch]),
      shapes.reduce(0, { min($0 + $1.count, elementLimit) }) < elementLimit
    else { return MemoryEstimate(bytes: 1 << 48) }
    let parameters = graph.parameters.map(\.count)
    let ports = (graph.inputs + graph.outputs).reduce(0) { sum, port in
      sum + graph[port.value].type.element.byteCount * shapes[port.value.index].count
    }
    // Tables that are weights of a layer, too, are there twice.
    let tables = Set(graph.nodes.filter { $0.op is IndexedReading }.map { $0.inputs[0] })
    let tied = Set(graph.nodes.filter { $0.op is Convolution }.map { $0.inputs[1] })
    let shared = tables.intersection(tied).reduce(0) { $0 + (graph[$1].parameter?.count ?? 0) }
    let weights = 8 * (parameters.reduce(0, +) + (parameters.max() ?? 0) + shared)
    let arena = arenaBytes(graph, batch: batch, threads: threads)
    let scratch = scratchBytes(graph, shapes, threads: threads) + threads * workspaceBytesPerThread
    return MemoryEstimate(bytes: weights + arena + ports + scratch)
  }

  /// Training: parameters, gradients, momenta, packed filters, activations, gradients, images.
  ///
  /// Of layers on bfloat16 the workspace that they ask for is counted, where that is more than what is
  /// counted for each thread.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - batch: Images of one step.
  ///   - inputSize: Side of an image.
  ///   - precision: What layers multiply.
  ///   - threads: Threads that it runs on.
  ///   - gradientBlocks: Blocks of gradients beside the one that the optimizer reads.
  /// - Returns: The sum.
  package static func training(
    _ network: Network, batch: Int, inputSize: Int, precision: TrainingPrecision = .f32,
    threads: Int, gradientBlocks: Int = 0
  ) -> MemoryEstimate {
    let graph = network.trainingGraph(inputSize: inputSize, precision: precision)
    let images = network.imageShape(batch: batch, inputSize: inputSize).count
    guard let shapes = try? graph.shapes(["batch": batch]),
      shapes.reduce(0, { min($0 + $1.count, elementLimit) }) < elementLimit
    else { return MemoryEstimate(bytes: 1 << 48) }
    let workspace = max(
      threads * workspaceBytesPerThread,
      bfloat16WorkspaceBytes(graph, shapes, threads: threads))
    return MemoryEstimate(
      bytes: (16 + 4 * gradientBlocks) * graph.parameters.reduce(0) { $0 + $1.count }
        + arenaBytes(graph, batch: batch, threads: threads) + 8 * images + workspace)
  }

  /// Bytes that a graph's values share.
  static func arenaBytes(_ graph: Graph, batch: Int, threads: Int) -> Int {
    guard let shapes = try? graph.shapes(["batch": batch]) else { return 1 << 48 }
    let groups = ImageGroups(graph, shapes, batch: batch, threads: threads, caches: .current)
    return MemoryPlan(graph, shapes, groups: groups).arenaBytes
  }

  /// Refuses what does not fit, before anything is allocated.
  ///
  /// - Parameters:
  ///   - subject: What asks for it, for the sentence.
  ///   - remedy: What to do about it.
  ///   - available: Bytes that can be had; nil when unknown, and then nothing is refused.
  /// - Throws: `malformed`, with the size that it would need and what is free.
  package func refuseIfTooLarge(
    for subject: String, remedy: String, available: Int? = AvailableMemory.bytes()
  ) throws(Problem) {
    guard let available, bytes > available else { return }
    throw Problem(
      .malformed,
      "\(subject) would need \(Self.mebibytes(bytes)) MiB of memory, but "
        + "\(Self.mebibytes(available)) MiB are free; \(remedy)")
  }

  private static func mebibytes(_ bytes: Int) -> Int { (bytes + 1 << 20 - 1) >> 20 }
}
