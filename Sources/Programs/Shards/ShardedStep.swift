import Basics
import Kernels
import Tensors

/// Steps over all shards of a batch by one process that takes them in turn.
///
/// It gives the bits that as many ranks give by `RingSum`, and is what these are held to. Each shard
/// has running statistics of its own, as a rank has them.
package final class ShardedStep {
  /// The program of a shard.
  package let step: TrainingStep
  /// The shards' gradients, one block behind the other.
  private let gradients: AlignedBuffer
  /// Their running statistics.
  private var statistics: [[Float]]

  /// Makes room for the gradients of every shard.
  ///
  /// - Parameter step: Of two shards or more.
  package init(_ step: TrainingStep) {
    precondition(step.shards >= 2, "\(step.shards) shards are not taken in turn")
    self.step = step
    gradients = AlignedBuffer(count: step.shards * step.state.gradients.count)
    statistics = [[Float]](repeating: step.state.runningStatistics, count: step.shards)
  }

  /// Computes the derivatives of one shard; `update` follows those of all.
  ///
  /// - Parameters:
  ///   - shard: From 0.
  ///   - images: Of the shard, `N H W C`; only read.
  ///   - labels: As `TrainingStep.run` takes them.
  /// - Returns: Its part of the mean loss.
  package func differentiate(
    _ shard: Int, _ images: UnsafePointer<Float>, labels: UnsafePointer<Int32>
  ) -> Double {
    let (block, count) = (step.state.gradients.pointer, step.state.gradients.count)
    step.shard = shard
    step.state.runningStatistics = statistics[shard]
    let loss = step.differentiate(images, labels: labels)
    statistics[shard] = step.state.runningStatistics
    (gradients.pointer + shard * count).update(from: block, count: count)
    return loss
  }

  /// Adds up the gradients in the order of the ring and ends the step.
  ///
  /// - Parameter optimizer: Learning rate, momentum and weight decay of this step.
  package func update(_ optimizer: SGD) {
    let (target, count) = (step.state.gradients.pointer, step.state.gradients.count)
    let segment = GradientBuckets.segmentCount(of: count)
    for (number, first) in stride(from: 0, to: count, by: segment).enumerated() {
      let length = min(segment, count - first)
      let start = GradientBuckets.firstShard(of: number, shards: step.shards)
      for turn in 0..<step.shards {
        let source = gradients.pointer + (start + turn) % step.shards * count
        if turn == 0 {
          (target + first).update(from: source + first, count: length)
        } else {
          for index in first..<first + length { target[index] += source[index] }
        }
      }
    }
    step.update(optimizer)
  }

  /// Makes every shard's running statistics, and the state's, the mean of all.
  package func averageStatistics() {
    let mean = ShardMean.of(statistics)
    statistics = [[Float]](repeating: mean, count: step.shards)
    step.state.runningStatistics = mean
  }

  /// Starts every shard with the state's running statistics, after these were changed from outside.
  package func takeStatistics() {
    statistics = [[Float]](repeating: step.state.runningStatistics, count: step.shards)
  }
}

/// The mean over shards, in an order that does not depend on who computes it.
package enum ShardMean {
  /// The mean of each number.
  ///
  /// - Parameter parts: As many numbers a shard; at least one shard.
  /// - Returns: Sums in float64, shard by shard, rounded once.
  package static func of(_ parts: [[Float]]) -> [Float] {
    precondition(!parts.isEmpty, "a mean over no shards")
    return parts[0].indices.map { index in
      Float(parts.reduce(0.0) { $0 + Double($1[index]) } / Double(parts.count))
    }
  }
}
