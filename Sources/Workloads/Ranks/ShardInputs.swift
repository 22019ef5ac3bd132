import Basics
import Models
import Tensors

/// Seeded images and labels of one shard of a batch: those that the whole batch has at its place.
final class ShardInputs {
  let images: AlignedBuffer
  /// Of the first output, then of the next.
  let labels: [Int32]

  /// Makes them.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - shard: Which part, from 0, of `shards`.
  ///   - shards: How many parts there are.
  ///   - shape: Of the shard's images.
  ///   - seed: Of the whole batch.
  init(_ network: Network, shard: Int, of shards: Int, _ shape: Shape, seed: UInt64) {
    let range = shard * shape.N..<(shard + 1) * shape.N
    images = AlignedBuffer(count: shape.count)
    SeededImages.fill(
      range, seed: UInt32(truncatingIfNeeded: seed), channels: shape.C, size: shape.H,
      into: images.elements)
    var random = SplitMix64(seed: seed)
    labels = network.outputs.flatMap { output in
      let all = (0..<shards * shape.N).map { _ in Int32(random.next() % UInt64(output.width)) }
      return Array(all[range])
    }
  }
}
