import Basics
import Tensors

/// Puts a graph together, node by node.
package struct GraphBuilder {
  package private(set) var values: [Graph.Definition] = []
  package private(set) var nodes: [Graph.Node] = []
  /// What a run is given, so far.
  package private(set) var inputs: [Graph.Port] = []
  private var outputs: [Graph.Port] = []
  private var updates: [Graph.Update] = []
  private var parameters: [String: Graph.Value] = [:]

  package init() {}

  /// Starts with the values, inputs and, unless told otherwise, nodes and outputs of a graph.
  ///
  /// - Parameters:
  ///   - graph: Whose values keep their places.
  ///   - keepsNodes: False leaves the nodes, outputs and updates to the caller.
  package init(_ graph: Graph, keepsNodes: Bool = true) {
    (values, inputs) = (graph.values, graph.inputs)
    for (index, value) in values.enumerated() {
      if let name = value.parameter?.name { parameters[name] = Graph.Value(index) }
    }
    guard keepsNodes else { return }
    (nodes, outputs, updates) = (graph.nodes, graph.outputs, graph.updates)
  }

  /// What is known of a value.
  package subscript(value: Graph.Value) -> Graph.Definition { values[value.index] }

  /// Adds an input.
  ///
  /// - Parameters:
  ///   - name: As a run knows it.
  ///   - type: Element type and dimensions.
  /// - Returns: Its value.
  package mutating func input(_ name: String, _ type: TensorType) -> Graph.Value {
    let value = add(Graph.Definition(name: name, type: type))
    inputs.append(Graph.Port(name, value))
    return value
  }

  /// The value of a parameter, the same one each time that its name is given.
  ///
  /// - Parameter parameter: A float32 tensor of the weight file.
  /// - Returns: Its value.
  package mutating func parameter(_ parameter: Parameter) -> Graph.Value {
    if let value = parameters[parameter.name], self[value].parameter == parameter { return value }
    let type = TensorType(.f32, parameter.shape.map { .fixed($0) })
    let value = add(Graph.Definition(name: parameter.name, type: type, parameter: parameter))
    parameters[parameter.name] = value
    return value
  }

  /// Appends a node.
  ///
  /// - Parameters:
  ///   - name: The reference implementation's name of the module.
  ///   - op: What it computes.
  ///   - inputs: What it reads.
  /// - Returns: What it gives.
  /// - Throws: Inputs that the operator cannot take.
  package mutating func append(
    _ name: String, _ op: some Operator, _ inputs: [Graph.Value]
  ) throws(Problem) -> [Graph.Value] {
    let types: [TensorType]
    do throws(Problem) {
      types = try op.outputs(inputs.map { self[$0].type })
    } catch {
      throw Problem(.malformed, "\(name): \(error)")
    }
    let outputs = types.enumerated().map { index, type in
      add(Graph.Definition(name: index == 0 ? name : "\(name).\(index)", type: type))
    }
    nodes.append(Graph.Node(name: name, op: op, inputs: inputs, outputs: outputs))
    return outputs
  }

  /// Appends a node whose outputs exist.
  package mutating func append(_ node: Graph.Node) { nodes.append(node) }

  /// Gives a value to those outside.
  ///
  /// - Parameters:
  ///   - name: As a run knows it.
  ///   - value: What it is.
  package mutating func output(_ name: String, _ value: Graph.Value) {
    outputs.append(Graph.Port(name, value))
  }

  /// Lets a parameter take a new value at the end of a run.
  package mutating func update(_ parameter: Graph.Value, to value: Graph.Value) {
    updates.append(Graph.Update(parameter: parameter, value: value))
  }

  /// Takes out the nodes that no output needs, and the inputs that nothing reads then.
  ///
  /// Nodes stand behind those whose values they read.
  package mutating func prune() {
    var isNeeded = [Bool](repeating: false, count: values.count)
    for value in outputs.map(\.value) + updates.flatMap({ [$0.parameter, $0.value] }) {
      isNeeded[value.index] = true
    }
    var kept: [Graph.Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: { isNeeded[$0.index] }) {
      for value in node.inputs { isNeeded[value.index] = true }
      kept.append(node)
    }
    nodes = kept.reversed()
    inputs.removeAll { !isNeeded[$0.value.index] }
  }

  /// The graph, without values that no node, output or update names any more.
  ///
  /// - Returns: A sound graph.
  /// - Throws: A sentence that says why it is none.
  package func graph() throws(Problem) -> Graph {
    var isUsed = [Bool](repeating: false, count: values.count)
    for value in nodes.flatMap({ $0.inputs + $0.outputs }) + inputs.map(\.value)
      + outputs.map(\.value) + updates.flatMap({ [$0.parameter, $0.value] })
    {
      isUsed[value.index] = true
    }
    var places = [Int](repeating: 0, count: values.count)
    var count = 0
    for index in values.indices where isUsed[index] {
      places[index] = count
      count += 1
    }
    func moved(_ value: Graph.Value) -> Graph.Value { Graph.Value(places[value.index]) }
    return try Graph(
      values: values.indices.filter { isUsed[$0] }.map { values[$0] },
      nodes: nodes.map {
        Graph.Node(
          name: $0.name, op: $0.op, inputs: $0.inputs.map(moved), outputs: $0.outputs.map(moved))
      },
      inputs: inputs.map { Graph.Port($0.name, moved($0.value)) },
      outputs: outputs.map { Graph.Port($0.name, moved($0.value)) },
      updates: updates.map {
        Graph.Update(parameter: moved($0.parameter), value: moved($0.value))
      })
  }

  private mutating func add(_ definition: Graph.Definition) -> Graph.Value {
    values.append(definition)
    return Graph.Value(values.count - 1)
  }
}
