import Basics
import Formats
import Graphs
import Models
import Tensors

/// A graph and its weights on the way to becoming a model of ONNX's format.
package struct ModelExport {
  /// The version of ONNX's operators that is written: that of 2022, which every runtime knows.
  package static let operatorVersion = 17

  /// The graph as it is written, without passes that fuse.
  let source: Graph
  /// Nodes of the model so far.
  private(set) var nodes: [ModelFile.Node] = []
  /// Tensors that are no parameters.
  private var constants: [ModelFile.Tensor] = []
  /// Names of values that several nodes read, by what they are.
  var shared: [String: String] = [:]
  private var names: [Graph.Value: String] = [:]
  private var taken: Set<String>

  /// Makes a model of a graph.
  ///
  /// Images are `N C H W` in the model. Inputs, outputs and parameters keep their names, and nodes
  /// theirs. Weights are asked for one at a time, when the model is written. Those with scales are
  /// kept as whole numbers, from which DequantizeLinear makes them.
  ///
  /// - Parameters:
  ///   - graph: As a network gives it, for inference; dropout is left out.
  ///   - name: Of the network.
  ///   - weights: Where the graph's parameters come from.
  ///   - batch: A fixed number of items, which helps some runtimes; nil leaves it open.
  /// - Returns: A model, ready to be written.
  /// - Throws: A node that no operator of ONNX stands for.
  package static func model(
    of graph: Graph, name: String, weights: some WeightSource, batch: Int? = nil
  ) throws(Problem) -> ModelFile {
    var export = ModelExport(try graph.withoutDropout())
    for node in export.source.nodes {
      guard let op = node.op as? any ExportedOperator else {
        throw .malformed("\(node.name) has no operator in ONNX that stands for it")
      }
      do throws(Problem) {
        try op.export(&export, node)
      } catch {
        throw .malformed("\(node.name) \(error)")
      }
    }
    let parameters = export.source.parameters
    let restored = parameters.filter { $0.scales != nil }.map {
      export.restore($0, weights: weights)
    }
    var result = ModelFile.Graph(name: name)
    result.nodes = export.nodes
    result.inputs = try export.ports(export.source.inputs, batch: batch)
    result.outputs = try export.ports(export.source.outputs, batch: batch)
    result.initializers = parameters.filter { $0.scales == nil }.map { parameter in
      ModelFile.Tensor(
        parameter.name, .float32, parameter.shape,
        .made { () throws(Problem) in
          ModelFile.Tensor.bytes(of: try weights.values(parameter))
        })
    }
    result.initializers += restored + export.constants
    var model = ModelFile(
      result, operatorSets: [ModelFile.OperatorSet(version: operatorVersion)])
    model.producer = "costcurve"
    return model
  }

  private init(_ graph: Graph) {
    source = graph
    taken = Set(graph.parameters.map(\.name))
    for (index, value) in graph.values.enumerated() where value.parameter != nil {
      names[Graph.Value(index)] = value.name
    }
    for port in graph.inputs + graph.outputs {
      names[port.value] = port.name
      taken.insert(port.name)
    }
  }

  /// Appends a node that gives the first output of the graph's node.
  ///
  /// - Parameters:
  ///   - operation: ONNX's operator.
  ///   - node: The graph's node.
  ///   - inputs: Names of what it reads; nil for what the graph's node does.
  ///   - attributes: What it is told.
  mutating func append(
    _ operation: String, _ node: Graph.Node, inputs: [String]? = nil,
    attributes: [ModelFile.Attribute] = []
  ) {
    let output = name(node.outputs[0], node.name)
    nodes.append(
      ModelFile.Node(
        operation, name: node.name, inputs: inputs ?? node.inputs.map { name($0) },
        outputs: [output], attributes: attributes))
  }

  /// Appends a node that another one of the same graph node reads.
  ///
  /// - Returns: The name of its output.
  mutating func step(
    _ operation: String, _ node: Graph.Node, _ inputs: [String],
    attributes: [ModelFile.Attribute] = []
  ) -> String {
    let output = unique("\(node.name).\(operation.lowercased())")
    nodes.append(
      ModelFile.Node(
        operation, name: output, inputs: inputs, outputs: [output], attributes: attributes))
    return output
  }

  /// Appends a node that gives several values, whose names may be empty.
  mutating func append(
    _ operation: String, _ node: Graph.Node, inputs: [String], outputs: [String],
    attributes: [ModelFile.Attribute] = []
  ) {
    nodes.append(
      ModelFile.Node(
        operation, name: outputs.first { !$0.isEmpty } ?? node.name, inputs: inputs,
        outputs: outputs, attributes: attributes))
  }

  /// A tensor that nodes read, the same one each time that it is named.
  ///
  /// - Parameters:
  ///   - name: Says what it holds.
  ///   - make: Makes it, under a name that is free.
  /// - Returns: The name in the model.
  mutating func constant(
    _ name: String, _ make: (_ name: String) -> ModelFile.Tensor
  ) -> String {
    if let known = shared[name] { return known }
    let own = unique(name)
    constants.append(make(own))
    shared[name] = own
    return own
  }

  /// A list of whole numbers.
  mutating func list(_ numbers: [Int]) -> String {
    let words = numbers.map(String.init).joined(separator: "x")
    return constant("list.\(words)") {
      ModelFile.Tensor($0, [numbers.count], integers: numbers.map { Int64($0) })
    }
  }

  /// One float for all elements.
  mutating func number(_ number: Float) -> String {
    constant("number.\(number)") { ModelFile.Tensor($0, [], floats: [number]) }
  }

  /// Gives a value the name of a tensor that was made for it.
  mutating func bind(_ value: Graph.Value, to name: String) { names[value] = name }

  /// Whether anything reads a value.
  func isRead(_ value: Graph.Value) -> Bool {
    source.nodes.contains { $0.inputs.contains(value) }
      || source.outputs.contains { $0.value == value }
  }

  /// The name of a value, given where it has none.
  mutating func name(_ value: Graph.Value, _ wish: String? = nil) -> String {
    if let name = names[value] { return name }
    let name = unique(wish ?? source[value].name)
    names[value] = name
    return name
  }

  /// Appends a node that reads nothing but constants, before all others.
  mutating func appendFirst(_ node: ModelFile.Node) { nodes.insert(node, at: 0) }

  /// A tensor that one node alone reads, by its name in the model.
  mutating func constant(
    _ wish: String, _ element: ModelFile.Element, _ dimensions: [Int], bytes: [UInt8]
  ) -> String {
    let name = unique(wish)
    constants.append(ModelFile.Tensor(name, element, dimensions, .bytes(bytes)))
    return name
  }

  /// The same of floats.
  mutating func constant(_ wish: String, _ dimensions: [Int], floats: [Float]) -> String {
    constant(wish, .float32, dimensions, bytes: ModelFile.Tensor.bytes(of: floats))
  }

  /// A name that nothing has yet.
  mutating func unique(_ wish: String) -> String {
    var (name, number) = (wish, 2)
    while !taken.insert(name).inserted {
      name = "\(wish)#\(number)"
      number += 1
    }
    return name
  }

  private func ports(
    _ ports: [Graph.Port], batch: Int?
  ) throws(Problem) -> [ModelFile.Port] {
    var result: [ModelFile.Port] = []
    for port in ports {
      let type = source[port.value].type
      let elements: [DType: ModelFile.Element] = [.f32: .float32, .i32: .int32, .i64: .int64]
      guard let element = elements[type.element] else {
        throw .malformed("\(port.name) is of \(type.element.rawValue), which is not written")
      }
      let dimensions = type.dimensions
      let outside = dimensions.count == 4 ? [0, 3, 1, 2].map { dimensions[$0] } : dimensions
      let lengths = outside.map { dimension -> ModelFile.Length in
        switch dimension {
        case .fixed(let length): .fixed(length)
        case .batch: batch.map { ModelFile.Length.fixed($0) } ?? .symbol("batch")
        case .symbol(let name): .symbol(name)
        }
      }
      result.append(ModelFile.Port(port.name, .tensor(element, lengths)))
    }
    return result
  }
}

/// An operator that ONNX has one or more for.
protocol ExportedOperator: Operator {
  /// Appends what computes the same.
  ///
  /// - Parameters:
  ///   - export: What nodes are appended to.
  ///   - node: The graph's node.
  /// - Throws: What ONNX's operators cannot do.
  func export(_ export: inout ModelExport, _ node: Graph.Node) throws(Problem)
}
