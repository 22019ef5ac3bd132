import Graphs
import Kernels
import Tensors

/// What units take beside the values that they read and write.
extension MemoryEstimate {
  /// Bytes of the matrices that each unit packs in a run, and of the largest workspace.
  ///
  /// Counted are matrix products, attention and recurrent layers; what others take is within what is
  /// counted for each thread.
  ///
  /// - Parameters:
  ///   - graph: With the passes of inference.
  ///   - shapes: One a value, for the whole batch.
  ///   - threads: Threads that it runs on.
  /// - Returns: Their sum; 0 for a graph that has none of these.
  static func scratchBytes(_ graph: Graph, _ shapes: [Shape], threads: Int) -> Int {
    var (packed, workspace) = (0, 0)
    for node in graph.nodes {
      let inputs = node.inputs.map { shapes[$0.index].dimensions }
      switch node.op {
      case is MatrixProduct: packed += threads * padded(inputs[1])
      case let attention as HeadAttention:
        let types = inputs.map { $0.map { Dimension.fixed($0) } }
        let past = attention.hasPast ? types[attention.pastInput] : []
        guard let size = attention.size(types, past: past) else { continue }
        packed += threads * (padded([size.keys, size.depth]) + padded([size.keys, size.width]))
        // Scores of at most so many queries at a time.
        workspace = max(workspace, threads * 96 * size.keys)
      case let attention as CachedAttention:
        // What goes on from a cache packs nothing.
        guard !attention.readsPositions,
          let size = attention.size(inputs[..<3].map { $0.map { Dimension.fixed($0) } })
        else { continue }
        packed += threads * (padded([size.keys, size.depth]) + padded([size.keys, size.width]))
        workspace = max(workspace, threads * 96 * size.keys)
      case let layer as RecurrentLayer:
        let (gates, directions) = (layer.cell.gates, layer.directions)
        packed += directions * (padded(inputs[1]) + padded(inputs[2]))
        let states = node.outputs.prefix(2).map { shapes[$0.index].count / directions }
        workspace = max(workspace, gates * states[0] + (gates + 3) * states[1])
      default: continue
      }
    }
    return MemoryLayout<Float>.stride * (packed + workspace)
  }

  /// Elements of the matrix of the two innermost dimensions, with room to round both up.
  private static func padded(_ lengths: [Int]) -> Int {
    lengths.suffix(2).reduce(1) { $0 * ($1 + 63) }
  }
}
