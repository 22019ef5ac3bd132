import Basics
import Formats
import Graphs
import Tensors

/// A model of a file as a graph, for lengths that are fixed now, and its weights.
package struct ImportedModel: Sendable {
  /// An input or output, as those outside know it.
  package struct Port: Hashable, Sendable {
    /// The name in the model, and in the graph.
    package var name: String
    /// The lengths that the model has, the batch included: `N C H W` for images.
    package var lengths: [Int]
    /// Whether the outermost length is the batch.
    package var isBatched: Bool
    /// The type of the elements.
    package var element: DType
    /// Whether the graph has the value as `N H W C`.
    package var isChannelsLast: Bool

    /// Names what is known of it.
    package init(
      name: String, lengths: [Int], isBatched: Bool, element: DType, isChannelsLast: Bool
    ) {
      (self.name, self.lengths, self.isBatched) = (name, lengths, isBatched)
      (self.element, self.isChannelsLast) = (element, isChannelsLast)
    }
  }

  /// What it computes; items side by side are its symbol `batch`.
  package let graph: Graph
  /// Where the graph's parameters come from.
  package let weights: ImportedWeights
  /// The batch that the translation holds for: shapes may have been computed from it.
  package let batch: Int
  /// Whether the model leaves the batch open.
  package let isBatchOpen: Bool
  /// What a run is given.
  package let inputs: [Port]
  /// What a run gives.
  package let outputs: [Port]

  /// Translates a model.
  ///
  /// - Parameters:
  ///   - model: As it was read.
  ///   - sizes: The lengths that it leaves open.
  /// - Throws: Operators and uses of them that are not supported, all at once; a model that is not
  ///   sound; or lengths that are not given.
  package init(_ model: ModelFile, sizes: ModelSizes = ModelSizes()) throws(Problem) {
    let structure = try ModelStructure(model.graph)
    try Self.checkSupported(model, structure)
    let constants = Set(model.graph.initializers.map(\.name))
    let given = try Self.inputs(
      model.graph.inputs.filter { !constants.contains($0.name) }, structure)
    let bound = try BoundInputs(given.map { ($0.name, $0.lengths) }, sizes)
    (batch, isBatchOpen) = (bound.batch, bound.isOpen)

    var translator = Translator(structure, batch: bound.batch)
    translator.version = model.operatorVersion ?? .max
    for tensor in model.graph.initializers {
      translator.known[tensor.name] = .constant(Constant(tensor, name: tensor.name))
    }
    var inputs: [Port] = []
    for input in given {
      let dimensions = bound.dimensions[input.name] ?? []
      let isImage = structure.readsAsImage(input.name) && dimensions.count == 4
      let own = isImage ? [0, 2, 3, 1].map { dimensions[$0] } : dimensions
      let value = translator.builder.input(input.name, TensorType(input.type, own))
      translator.known[input.name] = .placed(
        PlacedValue(
          value: value, dimensions: dimensions, layout: isImage ? .channelsLast : .plain))
      inputs.append(
        Port(
          name: input.name, lengths: translator.lengths(dimensions),
          isBatched: dimensions.first == .batch, element: input.type, isChannelsLast: isImage))
    }
    try translator.run()
    outputs = try Self.finish(model.graph.outputs.map(\.name), &translator)
    self.inputs = inputs
    graph = try translator.builder.graph()
    weights = translator.weights
  }

  /// Names every operator that is not known, with the nodes that have it.
  private static func checkSupported(
    _ model: ModelFile, _ structure: ModelStructure
  ) throws(Problem) {
    var nodes: [String: [String]] = [:]
    for node in structure.nodes {
      let isKnown =
        ModelFile.isOwn(node.domain) && OperatorTable.rules[node.operation] != nil
        && !model.functions.contains { $0.name == node.operation && $0.domain == node.domain }
      let name = ModelFile.isOwn(node.domain) ? node.operation : "\(node.domain).\(node.operation)"
      if !isKnown { nodes[name, default: []].append(node.title) }
    }
    let list = nodes.sorted { $0.key < $1.key }.map { name, titles in
      let more = titles.count > 3 ? " and \(titles.count - 3) more" : ""
      return "\(name) (\(titles.prefix(3).joined(separator: ", "))\(more))"
    }
    guard list.isEmpty else {
      throw Problem(
        .malformed,
        "the model has operators that are not supported: \(list.joined(separator: "; "))")
    }
    guard structure.missing.isEmpty else {
      throw Problem(
        .malformed, "nothing gives \(structure.missing.prefix(10).joined(separator: ", "))")
    }
    guard let version = model.operatorVersion else {
      throw Problem(.malformed, "the model names no version of ONNX's operators")
    }
    guard version >= 9 else {
      throw Problem(
        .malformed,
        "the model has operators of version \(version); export it with version 9 or later")
    }
  }

  private static func inputs(
    _ ports: [ModelFile.Port], _ structure: ModelStructure
  ) throws(Problem) -> [(name: String, type: DType, lengths: [ModelFile.Length])] {
    var result: [(name: String, type: DType, lengths: [ModelFile.Length])] = []
    let types: [ModelFile.Element: DType] = [.float32: .f32, .int32: .i32, .int64: .i64]
    for port in ports where structure.isWanted(port.name) {
      guard case .tensor(let element, let lengths) = port.type, let lengths,
        let type = types[element]
      else {
        throw Problem(
          .malformed,
          "input \(port.name) is not supported; supported are tensors of float32, int32 and int64 "
            + "whose dimensions are counted")
      }
      result.append((port.name, type, lengths))
    }
    return result
  }

  /// Gives the graph its outputs, in the model's order of elements.
  private static func finish(
    _ names: [String], _ translator: inout Translator
  ) throws(Problem) -> [Port] {
    var (ports, used): ([Port], Set<Graph.Value>) = ([], [])
    for name in names {
      guard case .placed(let placed)? = translator.known[name] else {
        throw Problem(
          .malformed, "output \(name) is the same for every input, which is not supported")
      }
      var value = try translator.plain(placed, name)
      // An output has memory of its own, apart from inputs and other outputs.
      if !used.insert(value).inserted || !translator.isComputed(value) {
        value = try translator.append("\(name).copy", Reshape(placed.dimensions), value)
      }
      translator.builder.output(name, value)
      ports.append(
        Port(
          name: name, lengths: translator.lengths(placed.dimensions),
          isBatched: placed.dimensions.first == .batch,
          element: translator.builder[value].type.element, isChannelsLast: false))
    }
    return ports
  }
}

extension ModelStructure {
  /// Whether an operator that works on images reads a value.
  fileprivate func readsAsImage(_ name: String) -> Bool {
    (readers[name] ?? []).contains { Self.imageOperators.contains(nodes[$0].operation) }
  }

  private static let imageOperators: Set<String> = [
    "Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization",
  ]
}

extension Translator {
  /// Whether a node gives a value.
  fileprivate func isComputed(_ value: Graph.Value) -> Bool {
    builder.nodes.contains { $0.outputs.contains(value) }
  }
}
