import Graphs
import Kernels
import Tensors

extension MemoryEstimate {
  /// Bytes of the workspace that layers on bfloat16 share, as they run in turn: that of the largest.
  ///
  /// Results of strided backward-data and gradients cut for backward-weights grow with the batch,
  /// beyond what is counted for each thread.
  ///
  /// - Parameters:
  ///   - graph: Of a training step.
  ///   - shapes: One a value, for the whole batch.
  ///   - threads: Threads that it runs on.
  /// - Returns: 0 for a graph without such layers.
  static func bfloat16WorkspaceBytes(_ graph: Graph, _ shapes: [Shape], threads: Int) -> Int {
    let scratch = threads * BFloat16Workspace.scratchBytesPerThread
    return graph.nodes.reduce(0) { most, node in
      guard let shape = graph.filterShape(node, shapes) else { return most }
      let own =
        switch node.op {
        case is BFloat16Convolution: scratch
        case let op as BFloat16ImageGradient:
          BFloat16Workspace.backwardData(
            shape, output: op.output, accumulates: op.gradient.accumulates) + scratch
        case is BFloat16FilterGradient:
          BFloat16Workspace.backwardWeights(shape, threads: threads)
        default: 0
        }
      return max(most, own)
    }
  }
}
