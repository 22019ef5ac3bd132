import Basics
import Graphs
import Kernels
import Models
import Programs
import Testing

/// What steps in bfloat16 take in memory, known before they are compiled.
@Suite struct BFloat16MemoryTests {
  /// Two strided layers read one value, whose derivative they add up: a quarter of it in float32 lies
  /// aside, at this batch 29 MB, more than what is counted for a thread.
  private static let branches = Network(
    name: "branches", classes: 5, channels: 3, minimumInputSize: 32, usualInputSize: 32
  ) { (builder: inout GraphBuilder, images: Graph.Value) throws(Problem) in
    let wide = try builder.convolution("wide", images, filters: 256, window: 1, hasBias: true)
    let left = try builder.convolution("left", wide, filters: 16, window: 1, strides: 2)
    let right = try builder.convolution("right", wide, filters: 16, window: 1, strides: 2)
    let both = try builder.add("both", left, right)
    return [Graph.Port("logits", try builder.linear("fc", both, outputs: 5))]
  }

  @Test func estimatesAtLeastWhatALargeBatchTakes() throws {
    let (network, batch) = (Self.branches, 112)
    let step = try TrainingStep(
      network, state: try TrainingState(network, weights: SeededWeights(for: network, seed: 1)),
      batch: batch, inputSize: 32, precision: .bf16, pool: ThreadPool(threads: 1)
    ) { _, _, _ in .direct }
    let parameterBytes = network.parameters.reduce(0) { $0 + 4 * $1.count }
    let taken = step.program.activationBytes + parameterBytes
    func estimate(_ batch: Int) -> Int {
      MemoryEstimate.training(
        network, batch: batch, inputSize: 32, precision: .bf16, threads: 1
      ).bytes
    }
    #expect(estimate(batch) > taken, "\(taken)")
    // Generously, but not by as much again as all of it.
    #expect(estimate(batch) < taken + 64 << 20)
    // A batch that no machine has memory for is refused, and no number overflows.
    #expect(estimate(1 << 36) == 1 << 48)
  }
}
