import Basics
import Tensors

/// Values, and the nodes that compute them from one another: a model, or a step of its training.
///
/// Every graph that exists is sound: `init` refuses what is not, and puts the nodes into an order
/// in which they can be computed. Sizes that are symbols get their numbers in a program.
package struct Graph: Sendable {
  /// A value of one graph, by its place in `values`.
  package struct Value: Hashable, Sendable {
    /// Index in the graph's values.
    package var index: Int
    package init(_ index: Int) { self.index = index }
  }

  /// What is known of a value.
  package struct Definition: Sendable {
    /// The input's, parameter's or node's name.
    package var name: String
    /// Element type and dimensions.
    package var type: TensorType
    /// The tensor of the weight file that it is; nil for all else.
    package var parameter: Parameter?
  }

  /// An operator at its place.
  package struct Node: Sendable {
    /// The reference implementation's name of the module, for example `layer2.0.conv2`.
    package var name: String
    /// What it computes.
    package var op: any Operator
    /// What it reads, in the operator's order.
    package var inputs: [Value]
    /// What it gives.
    package var outputs: [Value]

    package init(name: String, op: any Operator, inputs: [Value], outputs: [Value]) {
      (self.name, self.op, self.inputs, self.outputs) = (name, op, inputs, outputs)
    }
  }

  /// A value under a name for those outside.
  package struct Port: Hashable, Sendable {
    package var name: String
    package var value: Value

    package init(_ name: String, _ value: Value) { (self.name, self.value) = (name, value) }
  }

  /// A parameter that takes a new value at the end of a run.
  package struct Update: Hashable, Sendable {
    package var parameter: Value
    /// What it becomes.
    package var value: Value
  }

  /// All values.
  package private(set) var values: [Definition]
  /// In an order in which they can be computed.
  package private(set) var nodes: [Node]
  /// What a run is given.
  package private(set) var inputs: [Port]
  /// What a run gives.
  package private(set) var outputs: [Port]
  /// What a run changes.
  package private(set) var updates: [Update]

  /// Checks and orders the parts of a graph.
  ///
  /// Nodes keep the order that they have as far as they can be computed in it.
  ///
  /// - Parameters:
  ///   - values: All values, those that nodes compute included.
  ///   - nodes: In any order.
  ///   - inputs: What a run is given.
  ///   - outputs: What a run gives; at least one.
  ///   - updates: What a run changes.
  /// - Throws: A sentence that names what is wrong.
  package init(
    values: [Definition], nodes: [Node], inputs: [Port], outputs: [Port], updates: [Update] = []
  ) throws(Problem) {
    (self.values, self.nodes, self.inputs) = (values, nodes, inputs)
    (self.outputs, self.updates) = (outputs, updates)
    try checkReferences()
    try checkProducers()
    try checkReaders()
    self.nodes = try ordered()
    try checkTypes()
  }

  /// What is known of a value.
  package subscript(value: Value) -> Definition { values[value.index] }

  /// The types of what a node reads.
  package func inputTypes(_ node: Node) -> [TensorType] { node.inputs.map { self[$0].type } }

  /// The parameters, each once, in the order in which nodes first read them.
  package var parameters: [Parameter] {
    var seen = Set<Value>()
    return nodes.flatMap(\.inputs).compactMap { value in
      self[value].parameter.flatMap { seen.insert(value).inserted ? $0 : nil }
    }
  }

  /// For each value the indices of the nodes that read it, one for each time that they do.
  package var readers: [[Int]] {
    var readers = [[Int]](repeating: [], count: values.count)
    for (index, node) in nodes.enumerated() {
      for value in node.inputs { readers[value.index].append(index) }
    }
    return readers
  }

  /// For each value the index of the node that computes it; nil for inputs and parameters.
  package var producers: [Int?] {
    var producers = [Int?](repeating: nil, count: values.count)
    for (index, node) in nodes.enumerated() {
      for value in node.outputs { producers[value.index] = index }
    }
    return producers
  }

  /// What a run gives or changes, and is still there at its end.
  package var kept: Set<Value> { Set(outputs.map(\.value) + updates.map(\.value)) }

  /// All values' shapes.
  ///
  /// - Parameter symbols: A length for each symbol.
  /// - Returns: One shape a value.
  /// - Throws: A symbol without a length, or more elements than can be counted.
  package func shapes(_ symbols: [String: Int]) throws(Problem) -> [Shape] {
    var shapes: [Shape] = []
    for value in values {
      guard let shape = value.type.shape(symbols) else {
        throw Problem(.malformed, "\(value.name): \(value.type) is no shape for \(symbols)")
      }
      shapes.append(shape)
    }
    return shapes
  }
}
