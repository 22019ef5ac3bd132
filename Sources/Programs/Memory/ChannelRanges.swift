import Graphs
import Tensors

/// Which values are written straight into a range of the channels of a concatenation.
///
/// Nested concatenations lie in the outermost; `Concatenation` says what has to be copied instead.
struct ChannelRanges {
  /// Some channels of a value.
  struct Range: Hashable {
    /// The value that lies in memory as a whole.
    var whole: Graph.Value
    var first: Int
  }

  private(set) var ranges: [Graph.Value: Range] = [:]

  init(_ graph: Graph, _ shapes: [Shape]) {
    let (readers, producers, kept) = (graph.readers, graph.producers, graph.kept)
    // From the last on: an outer concatenation comes behind those that are a part of it.
    for node in graph.nodes.reversed() where node.op is Concatenation {
      var range = ranges[node.outputs[0]] ?? Range(whole: node.outputs[0], first: 0)
      for value in node.inputs {
        if let producer = producers[value.index], graph.nodes[producer].op.canWriteRange,
          graph.nodes[producer].outputs[0] == value, Set(readers[value.index]).count == 1,
          !kept.contains(value), ranges[value] == nil
        {
          ranges[value] = range
        }
        range.first += shapes[value.index].C
      }
    }
  }

  /// The value whose memory a value lies in, which may be its own.
  func whole(_ value: Graph.Value) -> Graph.Value { ranges[value]?.whole ?? value }
}
