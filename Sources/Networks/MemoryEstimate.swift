import Formats
import Kernels

/// What a plan will take in memory, known before any of it is allocated.
package struct MemoryEstimate: Sendable {
  /// Bytes, rounded up generously rather than down.
  package var bytes: Int

  /// Wraps a number of bytes.
  package init(bytes: Int) { self.bytes = bytes }

  /// Bytes of workspace that algorithms may take for each thread.
  private static let workspaceBytesPerThread = 16 << 20

  /// Inference: packed filters, one layer's filters as they are read, activations, images, logits.
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
    let shapes = network.shapes(batch: batch, inputSize: inputSize)
    let steps = network.fusedSteps()
    let groups = ImageGroups(network, steps, shapes, threads: threads, caches: .current)
    let activations = ActivationPlaces(steps, shapes, groups: groups).arenaCount
    let largest = network.parameters.map(\.count).max() ?? 0
    return MemoryEstimate(
      bytes: 2 * network.parameterBytes + 8 * largest
        + 4 * (activations + shapes[0].count + batch * network.classes)
        + threads * workspaceBytesPerThread)
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
    let shapes = network.shapes(batch: batch, inputSize: inputSize)
    let memory = TrainingMemory(network.trainingSteps(), shapes)
    return MemoryEstimate(
      bytes: 4 * network.parameterBytes + 4 * (memory.count + 2 * shapes[0].count)
        + threads * workspaceBytesPerThread)
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
  ) throws(FileError) {
    guard let available, bytes > available else { return }
    throw FileError(
      .malformed,
      "\(subject) would need \(Self.mebibytes(bytes)) MiB of memory, but "
        + "\(Self.mebibytes(available)) MiB are free; \(remedy)")
  }

  private static func mebibytes(_ bytes: Int) -> Int { (bytes + 1 << 20 - 1) >> 20 }
}
