import Basics

/// What a pass works with: the nodes of a graph as it is, and those of the graph to be.
struct GraphRewriter {
  /// The graph as it is.
  let graph: Graph
  /// The nodes of the graph to be.
  var nodes: [Graph.Node] = []
  /// Values that others take the place of.
  var replacements: [Graph.Value: Graph.Value] = [:]
  /// For each value the nodes that read it.
  let readers: [[Int]]
  private let kept: Set<Graph.Value>

  init(_ graph: Graph) {
    self.graph = graph
    readers = graph.readers
    kept = graph.kept
  }

  /// The one node that reads a value that is wanted nowhere else.
  func onlyReader(_ value: Graph.Value) -> Int? {
    readers[value.index].count == 1 && !kept.contains(value) ? readers[value.index][0] : nil
  }

  /// Whether a run gives or changes a value.
  func isKept(_ value: Graph.Value) -> Bool { kept.contains(value) }

  /// The graph to be.
  func finish() throws(Problem) -> Graph {
    var builder = GraphBuilder(graph, keepsNodes: false)
    func current(_ value: Graph.Value) -> Graph.Value {
      replacements[value].map(current) ?? value
    }
    for var node in nodes {
      node.inputs = node.inputs.map(current)
      builder.append(node)
    }
    for port in graph.outputs { builder.output(port.name, current(port.value)) }
    for update in graph.updates { builder.update(update.parameter, to: current(update.value)) }
    return try builder.graph()
  }
}
