import Basics
import Graphs
import Interchange
import Models

/// What computes on given arrays: a model of a file, or a network of ours.
package protocol ArraySubject: InferenceSubject {
  /// What sentences call it.
  var title: String { get }
  /// The only batch that there is; nil where any can be asked for.
  var fixedBatch: Int? { get }
  /// Whether each output has a part for each item, whatever the batch.
  var keepsItemsApart: Bool { get }

  /// What a run is given and gives.
  ///
  /// - Parameter batch: Items; nil for the smallest batch.
  /// - Returns: Inputs and outputs, as those outside know them.
  /// - Throws: A batch other than the one that a file fixes.
  func ports(
    batch: Int?
  ) throws(Problem) -> (inputs: [ImportedModel.Port], outputs: [ImportedModel.Port])

  /// The number in all places of an input that is not given; nil where it has to be.
  func usualNumber(of input: String) -> Int64?

  /// Whether numbers that name no row of their table are refused; an operator of a file may take them
  /// for others.
  var refusesOtherRows: Bool { get }
}

extension ModelOfFile: ArraySubject {
  package var title: String { fileName }
  package var refusesOtherRows: Bool { false }
  package func usualNumber(of input: String) -> Int64? { nil }

  package func ports(
    batch: Int?
  ) throws(Problem) -> (inputs: [ImportedModel.Port], outputs: [ImportedModel.Port]) {
    let imported = try imported(batch: batch)
    return (imported.inputs, imported.outputs)
  }
}

extension SizedModel: ArraySubject {
  package var title: String { name }
  package var fixedBatch: Int? { nil }
  package var keepsItemsApart: Bool { true }
  package var refusesOtherRows: Bool { true }

  package func usualNumber(of input: String) -> Int64? {
    inputs.first { $0.name == input }?.usualNumber.map { Int64($0) }
  }

  package func ports(
    batch: Int?
  ) throws(Problem) -> (inputs: [ImportedModel.Port], outputs: [ImportedModel.Port]) {
    let (graph, count) = (model.network.graph(inputSize: inputSize), batch ?? smallestBatch)
    let tables = tables
    func ports(_ ports: [Graph.Port]) -> [ImportedModel.Port] {
      ports.enumerated().map { place, port in
        let type = graph[port.value].type
        let inner = type.dimensions.dropFirst().compactMap(\.length)
        let isImage = inner.count == 3
        return ImportedModel.Port(
          name: port.name, lengths: [count] + (isImage ? [inner[2], inner[0], inner[1]] : inner),
          isBatched: true, element: type.element, isChannelsLast: isImage, place: place,
          tableRows: tables[port.name])
      }
    }
    return (ports(graph.inputs), ports(graph.outputs))
  }

  /// What it is given, one item.
  private var inputs: [Network.Input] { model.network.inputs(inputSize: inputSize) }
  /// Rows of the tables from which inputs pick, by their names.
  var tables: [String: Int] {
    Dictionary(
      inputs.compactMap { input in input.tableRows.map { (input.name, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}
