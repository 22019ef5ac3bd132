import Basics
import Formats

/// Puts what functions of a model compute into the place of the nodes that call them.
struct FunctionInliner {
  /// Nodes of a model at most, once functions are put in.
  private static let nodeLimit = 1 << 18
  /// Calls within calls at most.
  private static let depthLimit = 64

  private struct Name: Hashable {
    var domain: String
    var operation: String

    init(_ domain: String, _ operation: String) {
      self.domain = ModelFile.isOwn(domain) ? "" : domain
      self.operation = operation
    }
  }

  private var functions: [Name: ModelFile.Function] = [:]
  private var (calls, count) = (0, 0)

  /// Takes in what nodes may call.
  ///
  /// - Parameter functions: The model's.
  /// - Throws: Two by one name, as overloads are: nodes would call either.
  init(_ functions: [ModelFile.Function]) throws(Problem) {
    for function in functions {
      let name = Name(function.domain, function.name)
      guard self.functions.updateValue(function, forKey: name) == nil else {
        throw .malformed(
          "two functions of the model are called \(function.name), which is not supported; export "
            + "it with functions inlined")
      }
    }
  }

  /// Nodes without calls.
  ///
  /// - Parameters:
  ///   - nodes: Of the model, of a function, or of a graph that a node is told.
  ///   - depth: Calls and graphs that they are in.
  /// - Returns: More nodes, of operators alone.
  /// - Throws: Functions that call themselves, or too many nodes.
  mutating func expanded(
    _ nodes: [ModelFile.Node], depth: Int = 0
  ) throws(Problem) -> [ModelFile.Node] {
    guard depth < Self.depthLimit else {
      throw .malformed("the model's functions call themselves, or lie too deep")
    }
    var result: [ModelFile.Node] = []
    for var node in nodes {
      for index in node.attributes.indices {
        guard case .graph(var graph) = node.attributes[index].value else { continue }
        graph.nodes = try expanded(graph.nodes, depth: depth + 1)
        node.attributes[index].value = .graph(graph)
      }
      if let function = functions[Name(node.domain, node.operation)] {
        calls += 1
        result += try expanded(body(of: function, for: node), depth: depth + 1)
      } else {
        result.append(node)
      }
      count += 1
      guard count <= Self.nodeLimit else {
        throw .malformed("the model's functions have more than \(Self.nodeLimit) nodes")
      }
    }
    return result
  }

  /// A function's nodes with the names and attributes of a call.
  private func body(
    of function: ModelFile.Function, for call: ModelFile.Node
  ) -> [ModelFile.Node] {
    var names = ["": ""]
    for (place, name) in function.inputs.enumerated() {
      names[name] = call.inputs.indices.contains(place) ? call.inputs[place] : ""
    }
    var passed: [ModelFile.Node] = []
    for (inner, outer) in zip(function.outputs, call.outputs) where !outer.isEmpty {
      if let name = names[inner] {
        passed.append(ModelFile.Node("Identity", inputs: [name], outputs: [outer]))
      } else {
        names[inner] = outer
      }
    }
    let prefix = "\(function.name).\(calls)/"
    var told: [String: ModelFile.Attribute.Value] = [:]
    for attribute in function.defaults + call.attributes { told[attribute.name] = attribute.value }
    return function.nodes.map { node in
      var own = node.told(told).renamed { names[$0] ?? prefix + $0 }
      if !own.name.isEmpty { own.name = prefix + own.name }
      return own
    } + passed
  }
}

extension ModelFile {
  /// The graph without calls of functions.
  ///
  /// - Throws: Functions that call themselves, or have too many nodes.
  func inlinedGraph() throws(Problem) -> Graph {
    guard !functions.isEmpty else { return graph }
    var (inliner, graph) = (try FunctionInliner(functions), graph)
    graph.nodes = try inliner.expanded(graph.nodes)
    return graph
  }
}

extension ModelFile.Node {
  /// The node with the names of values changed, those in graphs that it is told included.
  func renamed(_ rename: (String) -> String) -> ModelFile.Node {
    var node = self
    (node.inputs, node.outputs) = (inputs.map(rename), outputs.map(rename))
    for index in attributes.indices {
      if case .graph(let graph) = attributes[index].value {
        node.attributes[index].value = .graph(graph.renamed(rename))
      }
    }
    return node
  }

  /// The node with what its function was told; what it was not told is left out.
  fileprivate func told(_ values: [String: ModelFile.Attribute.Value]) -> ModelFile.Node {
    var node = self
    node.attributes = attributes.compactMap { attribute in
      var attribute = attribute
      switch attribute.value {
      case .reference(let name, _):
        guard let value = values[name] else { return nil }
        attribute.value = value
      case .graph(var graph):
        graph.nodes = graph.nodes.map { $0.told(values) }
        attribute.value = .graph(graph)
      default: break
      }
      return attribute
    }
    return node
  }
}

extension ModelFile.Graph {
  /// The graph with the names of values changed.
  func renamed(_ rename: (String) -> String) -> ModelFile.Graph {
    var graph = self
    graph.nodes = nodes.map { $0.renamed(rename) }
    for index in initializers.indices {
      graph.initializers[index].name = rename(initializers[index].name)
    }
    for index in inputs.indices { graph.inputs[index].name = rename(inputs[index].name) }
    for index in outputs.indices { graph.outputs[index].name = rename(outputs[index].name) }
    return graph
  }
}
