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
    package var element: DType
    /// Whether the graph has the value as `N H W C`.
    package var isChannelsLast: Bool
    /// Its place among the graph's inputs or outputs; nil for an input whose elements nothing reads.
    package var place: Int?
    /// Rows of the smallest table that its numbers pick from; nil where they pick from none.
    package var tableRows: Int?

    /// Names what is known of it.
    package init(
      name: String, lengths: [Int], isBatched: Bool, element: DType, isChannelsLast: Bool = false,
      place: Int? = nil, tableRows: Int? = nil
    ) {
      (self.name, self.lengths, self.isBatched) = (name, lengths, isBatched)
      (self.element, self.isChannelsLast) = (element, isChannelsLast)
      (self.place, self.tableRows) = (place, tableRows)
    }
  }

  /// The elements of an input that decide what the graph is; nil where they are not known yet.
  package typealias Values = (_ input: ModelFile.Port) throws(Problem) -> ModelFile.Tensor?

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
  /// Inputs whose elements were needed before a run, and are a part of the graph.
  package let given: [String: ModelFile.Tensor]
  /// What a run gives.
  package let outputs: [Port]

  /// Translates a model.
  ///
  /// - Parameters:
  ///   - model: As it was read.
  ///   - sizes: The lengths that it leaves open.
  ///   - given: Inputs whose elements are known from the beginning.
  ///   - values: Asked for the elements of inputs that have to be known, as where they are a shape.
  /// - Throws: Operators and uses of them that are not supported, all at once; a model that is not
  ///   sound; or lengths and elements that are not given.
  package init(
    _ model: ModelFile, sizes: ModelSizes = ModelSizes(), given: [String: ModelFile.Tensor] = [:],
    values: Values = { (_) throws(Problem) in nil }
  ) throws(Problem) {
    var translation = try ModelTranslation(model, sizes, given: given)
    let attempt = try translation.run(values)
    var builder = attempt.translator.builder
    builder.prune()
    graph = try builder.graph().recognisingActivations()
    weights = attempt.translator.weights
    (batch, isBatchOpen) = (attempt.bound.batch, attempt.bound.isOpen)
    (outputs, self.given) = (attempt.outputs, translation.given)
    let places = Dictionary(
      builder.inputs.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    inputs = attempt.inputs.map { port in
      var port = port
      port.place = places[port.name]
      return port
    }
  }

  /// Names every operator that is not known, with the nodes that have it.
  static func checkSupported(
    _ structure: ModelStructure, version: Int?
  ) throws(Problem) {
    var nodes: [String: [String]] = [:]
    for node in structure.nodes {
      let isKnown = ModelFile.isOwn(node.domain) && OperatorTable.rules[node.operation] != nil
      let name = ModelFile.isOwn(node.domain) ? node.operation : "\(node.domain).\(node.operation)"
      if !isKnown { nodes[name, default: []].append(node.title) }
    }
    let list = nodes.sorted { $0.key < $1.key }.map { name, titles in
      let more = titles.count > 3 ? " and \(titles.count - 3) more" : ""
      return "\(name) (\(titles.prefix(3).joined(separator: ", "))\(more))"
    }
    guard list.isEmpty else {
      throw .malformed(
        "the model has operators that are not supported: \(list.joined(separator: "; "))")
    }
    guard structure.missing.isEmpty else {
      throw .malformed("nothing gives \(structure.missing.prefix(10).joined(separator: ", "))")
    }
    guard let version else { throw .malformed("the model names no version of ONNX's operators") }
    guard version >= 9 else {
      throw .malformed(
        "the model has operators of version \(version); export it with version 9 or later")
    }
  }
}
