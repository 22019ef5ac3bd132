import Basics
import Formats

/// Nodes that compute one of two graphs.
enum Conditions {
  static let rules = ["If": OperatorRule(emit: choose)]

  /// Says which branch it is; the model is then translated anew with that in the node's place.
  private static func choose(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    guard let condition = try node.constant(0, "a condition") else {
      throw .malformed("lacks its condition")
    }
    guard condition.count == 1, let first = node.node.outputs.first(where: { !$0.isEmpty }) else {
      throw .malformed("has a condition of dimensions \(condition.dimensions)")
    }
    translator.branches[first] = try condition.doubles()[0] != 0
    throw .malformed("has a condition that was not known before")
  }
}

extension ModelFile.Graph {
  /// The graph with what branches compute in the place of the nodes that chose them.
  ///
  /// - Parameter branches: The condition, by the name of what the node gives first.
  /// - Returns: The graph, to be translated anew.
  /// - Throws: A node without the branch that it takes.
  func taking(_ branches: [String: Bool]) throws(Problem) -> ModelFile.Graph {
    var graph = self
    graph.nodes = []
    for node in nodes {
      guard node.operation == "If", let first = node.outputs.first(where: { !$0.isEmpty }),
        let condition = branches[first]
      else {
        graph.nodes.append(node)
        continue
      }
      guard case .graph(let branch)? = node[condition ? "then_branch" : "else_branch"],
        branch.outputs.count >= node.outputs.count
      else { throw .malformed("If (\(node.title)) lacks the branch that it takes") }
      let own = branch.defined
      var names: [String: String] = [:]
      for (inner, outer) in zip(branch.outputs.map(\.name), node.outputs)
      where !outer.isEmpty {
        if own.contains(inner), names[inner] == nil {
          names[inner] = outer
        } else {
          // A value from outside, or one that is given twice.
          graph.nodes.append(
            ModelFile.Node("Identity", inputs: [names[inner] ?? inner], outputs: [outer]))
        }
      }
      let renamed = branch.renamed { name in
        names[name] ?? (own.contains(name) && !name.isEmpty ? "\(first)/\(name)" : name)
      }
      graph.nodes += renamed.nodes
      graph.initializers += renamed.initializers
    }
    return graph
  }
}
