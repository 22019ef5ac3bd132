import Basics
import Graphs
import Kernels
import Models
import Tensors

/// What a plan will take in memory, known before any of it is allocated.
package struct MemoryEstimate: Sendable {
  /// Bytes, rounded up generously rather than down.
  package var bytes: Int

  /// Wraps a number of bytes.
  package init(bytes: Int) { self.bytes = bytes }

  /// Bytes of workspace that algorithms may take for each thread.
  private static let workspaceBytesPerThread = 16 << 20

  /// Inference: packed filters, one layer's filters as they are read, activations, images, outputs.
  ///
  /// - Parameters:
  ///   - network: What is computed.
  ///   - batch: Images of one run.
  ///   - inputSize: Side of an image.
  ///   - threads: Threads that it runs on.
  /// - Returns: The sum.
  package static func inference(
    _ network: Network, batch: Int, inputSize: Int, threads: Int
  ) -> MemoryEstimate {
    let graph = network.inferenceGraph(inputSize: inputSize)
    let largest = graph.parameters.map(\.count).max() ?? 0
    let outputs = graph.outputs.reduce(0) { $0 + (graph[$1.value].type.countPerImage ?? 0) }
    let images = network.imageShape(batch: batch, inputSize: inputSize).count
    return MemoryEstimate(
      graph, batch: batch, threads: threads, copies: 2,
      besides: 8 * largest + 4 * (images + batch * outputs))
  }

  /// Training: parameters, gradients, momenta, packed filters, activations, gradients, images.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - batch: Images of one step.
  ///   - inputSize: Side of an image.
  ///   - threads: Threads that it runs on.
  /// - Returns: The sum.
  package static func training(
    _ network: Network, batch: Int, inputSize: Int, threads: Int
  ) -> MemoryEstimate {
    let images = network.imageShape(batch: batch, inputSize: inputSize).count
    return MemoryEstimate(
      network.trainingGraph(inputSize: inputSize), batch: batch, threads: threads, copies: 4,
      besides: 8 * images)
  }

  /// Some copies of a graph's parameters, what its values share, workspace, and other bytes.
  private init(_ graph: Graph, batch: Int, threads: Int, copies: Int, besides: Int) {
    var arena = 1 << 48
    if let shapes = try? graph.shapes(["batch": batch]) {
      let groups = ImageGroups(graph, shapes, batch: batch, threads: threads, caches: .current)
      arena = MemoryPlan(graph, shapes, groups: groups).arenaBytes
    }
    let parameters = graph.parameters.reduce(0) { $0 + 4 * $1.count }
    bytes = copies * parameters + arena + besides + threads * Self.workspaceBytesPerThread
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
