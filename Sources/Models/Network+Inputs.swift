import Graphs
import Tensors

extension Network {
  /// An input, as those outside know it.
  package struct Input: Hashable, Sendable {
    package var name: String
    /// The type of the elements.
    package var element: DType
    /// Lengths of one item's part, as the graph has them.
    package var lengths: [Int]
    /// Rows of the smallest table that its numbers pick from; nil where they pick from none.
    package var tableRows: Int?

    /// The number in all its places where it is not given, as transformers has it: every token is
    /// seen, and belongs to the first sentence; nil where it has to be given.
    package var usualNumber: Int? {
      name == "attention_mask" ? 1 : name == "token_type_ids" ? 0 : nil
    }
  }

  /// How the answers to the first tokens of a sequence can be had without the others.
  package enum FirstTokens: Hashable, Sendable {
    /// Not at all: each token sees all.
    case needAll
    /// They do not see those behind them.
    case seeNoOthers
    /// An input of this name hides those for which it is 0.
    case seeWhatIsShown(by: String)
  }

  /// What it is given.
  ///
  /// - Parameter inputSize: Side of an image, or tokens of a sequence.
  /// - Returns: The inputs in the graph's order.
  package func inputs(inputSize: Int) -> [Input] {
    let graph = graph(inputSize: inputSize)
    return graph.inputs.map { port in
      let rows = graph.nodes.compactMap { node -> Int? in
        guard let op = node.op as? IndexedReading, op.access.kind == .slices(axis: 0),
          node.inputs.last == port.value
        else { return nil }
        return graph[node.inputs[0]].type.dimensions.first?.length
      }
      let type = graph[port.value].type
      return Input(
        name: port.name, element: type.element,
        lengths: type.dimensions.dropFirst().compactMap(\.length), tableRows: rows.min())
    }
  }
}
