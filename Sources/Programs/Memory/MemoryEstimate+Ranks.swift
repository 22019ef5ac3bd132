import Models

extension MemoryEstimate {
  /// A rank's step beside that of one process which takes all shards in turn, to compare the two.
  ///
  /// Two states; with the rank's what arrives from a neighbour, the weights from before and the
  /// changes of both; with the other's the gradients of every shard.
  ///
  /// - Parameters:
  ///   - network: What is trained.
  ///   - batch: Images of a shard.
  ///   - inputSize: Side of an image.
  ///   - precision: What layers multiply.
  ///   - threads: Threads that it runs on.
  ///   - shards: That are compared; 1 where none are, and a step is compared with itself alone.
  /// - Returns: The sum.
  package static func shardCheck(
    _ network: Network, batch: Int, inputSize: Int, precision: TrainingPrecision, threads: Int,
    shards: Int
  ) -> MemoryEstimate {
    func step(blocks: Int) -> Int {
      training(
        network, batch: batch, inputSize: inputSize, precision: precision, threads: threads,
        gradientBlocks: blocks
      ).bytes
    }
    return MemoryEstimate(bytes: step(blocks: 4) + (shards > 1 ? step(blocks: shards) : 0))
  }
}
