import Graphs
import Kernels
import Models
import Tensors

extension MemoryEstimate {
  /// Training over sequences: parameters, gradients, moments, packed matrices, activations.
  ///
  /// - Parameters:
  ///   - network: One that learns from sequences.
  ///   - batch: Sequences of one step.
  ///   - tokens: Of a sequence.
  ///   - precision: What layers multiply.
  ///   - threads: Threads that it runs on.
  /// - Returns: The sum.
  package static func sequenceTraining(
    _ network: Network, batch: Int, tokens: Int, precision: TrainingPrecision = .f32, threads: Int
  ) -> MemoryEstimate {
    let graph = network.trainingGraph(inputSize: tokens, precision: precision)
    guard let shapes = try? graph.shapes(["batch": batch]),
      shapes.reduce(0, { min($0 + $1.count, elementLimit) }) < elementLimit
    else { return MemoryEstimate(bytes: 1 << 48) }
    let parameters = graph.parameters.map(\.count)
    let copies = network.training?.optimizer.kind.hasSecondMoment == true ? 4 : 3
    // A tensor is there once more while it is read.
    let state = copies * parameters.reduce(0, +) + (parameters.max() ?? 0)
    var (packed, workspace) = (0, 0)
    for node in graph.nodes {
      switch node.op {
      case is Convolution, is ImageGradient:
        packed += graph.filterShape(node, shapes).map { padded($0.K, $0.C) } ?? 0
      case is BFloat16Convolution, is BFloat16ImageGradient:
        packed += graph.filterShape(node, shapes).map { padded($0.K, $0.C) / 2 } ?? 0
      case is FilterGradient:
        // The derivatives by the outputs, cut into panels.
        guard let shape = graph.filterShape(node, shapes) else { continue }
        workspace = max(workspace, padded(shape.K, shape.N * shape.P * shape.Q))
      case let op as TrainedRecurrentLayer:
        let size = op.layer.size(shapes[node.inputs[0].index], shapes[node.inputs[2].index])
        packed += padded(4 * size.states, size.inputs) + padded(4 * size.states, size.states)
      case is RecurrentGradient:
        let states = shapes[node.inputs[1].index].C
        packed += padded(4 * states, states)
        workspace = max(workspace, 2 * padded(batch, states))
      case let op as HeadAttention:
        packed += 2 * threads * attention(op, node, shapes)
        workspace = max(workspace, threads * scores(op, node, shapes))
      case let op as HeadAttentionGradient:
        packed += 3 * threads * attention(op.attention, node, shapes)
        workspace = max(
          workspace,
          threads
            * (2 * scores(op.attention, node, shapes)
              + 3 * attention(op.attention, node, shapes)))
      default: continue
      }
    }
    workspace = max(workspace, bfloat16WorkspaceBytes(graph, shapes, threads: threads) / 4)
    let ports = (graph.inputs + graph.outputs).reduce(0) { $0 + 8 * shapes[$1.value.index].count }
    return MemoryEstimate(
      bytes: 4 * (state + packed + workspace) + ports
        + arenaBytes(graph, batch: batch, threads: threads) + threads * workspaceBytesPerThread)
  }

  /// Elements of a matrix with room to round both lengths up.
  private static func padded(_ rows: Int, _ columns: Int) -> Int { (rows + 63) * (columns + 63) }

  /// Elements of the keys, or values, of one head of an attention.
  private static func attention(
    _ op: HeadAttention, _ node: Graph.Node, _ shapes: [Shape]
  ) -> Int {
    size(op, node, shapes).map { padded($0.keys, max($0.depth, $0.width)) } ?? 0
  }

  /// Elements of the scores of as many queries as are done at a time.
  private static func scores(_ op: HeadAttention, _ node: Graph.Node, _ shapes: [Shape]) -> Int {
    size(op, node, shapes).map { 96 * ($0.keys + $0.depth + $0.width + 63) } ?? 0
  }

  private static func size(
    _ op: HeadAttention, _ node: Graph.Node, _ shapes: [Shape]
  ) -> Attention.Size? {
    let types = node.inputs.prefix(3).map { value in
      shapes[value.index].dimensions.map { Dimension.fixed($0) }
    }
    return op.size(types, past: [])
  }
}
