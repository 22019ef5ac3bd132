import Basics
import Graphs
import Kernels
import Tensors

/// How a network for sequences learns.
package struct SequenceTraining: Sendable {
  /// Appends what a step reads, the layers and the losses for so many tokens; names the losses.
  package let build: Network.SequenceBuild
  /// The update of its publication.
  package let optimizer: Optimizer
  /// The network with few layers and a small vocabulary, but as wide up to `smallWidth`, for checks by
  /// plain loops.
  package let small: @Sendable () -> Network

  /// Names all of it.
  package init(
    optimizer: Optimizer, small: @escaping @Sendable () -> Network,
    build: @escaping Network.SequenceBuild
  ) {
    (self.optimizer, self.small, self.build) = (optimizer, small, build)
  }

  /// Layers of a small network.
  package static let smallLayers = 2
  /// Tokens that a small network knows.
  package static let smallVocabulary = 512
  /// Floats of a token that plain loops are bearable for.
  package static let smallWidth = 2048
}

extension Network {
  /// Appends the inputs of a network for so many tokens and its layers; gives the logits of each.
  typealias LogitsBuilder =
    @Sendable (_ graph: inout GraphBuilder, _ tokens: Int) throws(Problem) -> Graph.Value

  /// Names a network that predicts the next token: it learns by the mean cross-entropy of its `logits`.
  ///
  /// - Parameters:
  ///   - name: As the command line knows it.
  ///   - tokens: Lengths of sequences that it can take.
  ///   - usualTokens: The length that it was made for.
  ///   - vocabulary: Tokens that it answers with.
  ///   - spelling: How else its weight files may name tensors.
  ///   - firstTokens: How the answers to the first of them can be had without the others.
  ///   - optimizer: The update of its publication.
  ///   - smoothing: What all tokens share of a label.
  ///   - logits: Its inputs and layers.
  ///   - small: The network of `SequenceTraining.small`.
  init(
    name: String, tokens: ClosedRange<Int>, usualTokens: Int, vocabulary: Int,
    spelling: WeightSpelling = WeightSpelling(), firstTokens: FirstTokens = .needAll,
    optimizer: Optimizer, smoothing: Double = 0,
    logits: @escaping LogitsBuilder, small: @escaping @Sendable () -> Network
  ) {
    let training = SequenceTraining(optimizer: optimizer, small: small) {
      (graph: inout GraphBuilder, tokens: Int) throws(Problem) in
      let rows = try logits(&graph, tokens)
      let labels = graph.labels("labels", of: rows)
      return [try graph.crossEntropy("loss", rows, labels: labels, smoothing: smoothing)]
    }
    self.init(
      name: name, tokens: tokens, usualTokens: usualTokens, vocabulary: vocabulary,
      spelling: spelling, firstTokens: firstTokens, training: training
    ) { (graph: inout GraphBuilder, tokens: Int) throws(Problem) in
      [Graph.Port("logits", try logits(&graph, tokens))]
    }
  }
}

extension Network {
  /// What stands in the places of an input of a training step.
  package enum StepNumbers: Hashable, Sendable {
    /// Whole numbers from 0 on, below this one.
    case below(Int)
    /// Places of tokens in ascending order, below this number.
    case places(Int)
    /// The same number everywhere.
    case constant(Int)

    /// The number in a place.
    ///
    /// - Parameters:
    ///   - place: Among those of all items.
    ///   - width: Places of an item.
    ///   - hash: Of the input's name.
    /// - Returns: One that the input can have.
    package func number(_ place: Int, width: Int, _ hash: HashFill) -> Int {
      switch self {
      case .below(let limit): Int(hash.word(place)) % limit
      case .places(let limit): place % width * limit / width
      case .constant(let number): number
      }
    }
  }

  /// An input of a training step that holds whole numbers of 64 bits.
  package struct StepInput: Hashable, Sendable {
    /// The name.
    package var name: String
    /// Lengths of one item's part.
    package var lengths: [Int]
    /// What it holds.
    package var numbers: StepNumbers
  }

  /// The forward pass of a training step, with its losses as the only outputs.
  ///
  /// - Parameter inputSize: Tokens of a sequence.
  /// - Returns: nil for a network that does not learn from sequences.
  package func lossGraph(inputSize: Int) -> Graph? {
    training.map { training in
      sound { () throws(Problem) in
        var builder = GraphBuilder()
        for port in try training.build(&builder, inputSize) {
          builder.output(port.name, port.value)
        }
        return try builder.graph()
      }
    }
  }

  /// A training step without its update: losses, and the derivatives by all parameters.
  ///
  /// - Parameters:
  ///   - inputSize: Tokens of a sequence.
  ///   - seed: Of dropout.
  /// - Returns: The graph, its outputs `gradient/NAME` beside the losses; nil for a network that does
  ///   not learn from sequences.
  package func gradientGraph(inputSize: Int, seed: UInt64 = 1) -> Graph? {
    lossGraph(inputSize: inputSize).map { graph in
      sound { () throws(Problem) in
        try graph.preparedForTraining(seed: seed).fusingEpilogues(isTrained: true)
          .differentiated().fusingAccumulation()
      }
    }
  }

  /// What a training step reads, its optimizer's numbers left out.
  ///
  /// - Parameter inputSize: Tokens of a sequence.
  /// - Returns: The inputs in the graph's order; none for what does not learn from sequences.
  package func stepInputs(inputSize: Int) -> [StepInput] {
    guard let graph = lossGraph(inputSize: inputSize) else { return [] }
    return graph.inputs.map { port in
      let lengths = graph[port.value].type.dimensions.dropFirst().compactMap(\.length)
      return StepInput(
        name: port.name, lengths: lengths, numbers: graph.stepNumbers(port, tokens: inputSize))
    }
  }
}

extension Graph {
  /// What an input holds, by the nodes that read it.
  fileprivate func stepNumbers(_ port: Port, tokens: Int) -> Network.StepNumbers {
    for node in nodes where node.inputs.last == port.value {
      if let reading = node.op as? IndexedReading, reading.access.kind == .slices(axis: 0) {
        return .below(self[node.inputs[0]].type.dimensions.first?.length ?? 1)
      }
      if node.op is TokenCrossEntropy {
        return .below(self[node.inputs[0]].type.dimensions.last?.length ?? 1)
      }
      if node.op is ElementCast { return .constant(1) }
    }
    return .places(tokens)
  }
}

/// The losses that networks for sequences learn by.
extension GraphBuilder {
  /// Appends an input of labels, one for each row of logits.
  ///
  /// - Parameters:
  ///   - name: Of the input.
  ///   - logits: Whose innermost dimension is what labels are numbers of.
  /// - Returns: Whole numbers of 64 bits.
  package mutating func labels(_ name: String, of logits: Graph.Value) -> Graph.Value {
    input(name, TensorType(.i64, Array(self[logits].type.dimensions.dropLast())))
  }

  /// Appends the mean cross-entropy of rows of logits.
  ///
  /// - Parameters:
  ///   - name: Of the loss.
  ///   - logits: `batch × … × classes`.
  ///   - labels: As `labels(_:of:)` gives them.
  ///   - smoothing: What all classes share of a label.
  /// - Returns: The loss under its name.
  /// - Throws: Labels of other rows.
  package mutating func crossEntropy(
    _ name: String, _ logits: Graph.Value, labels: Graph.Value, smoothing: Double = 0
  ) throws(Problem) -> Graph.Port {
    Graph.Port(
      name, try append(name, TokenCrossEntropy(smoothing: smoothing), [logits, labels])[0])
  }

  /// Appends the rows of some tokens of each item.
  ///
  /// - Parameters:
  ///   - name: Of the nodes.
  ///   - input: `batch × tokens × floats`.
  ///   - places: Whole numbers, `batch × count`.
  /// - Returns: `batch × count × floats`.
  /// - Throws: Values of another form.
  package mutating func tokens(
    _ name: String, _ input: Graph.Value, at places: Graph.Value
  ) throws(Problem) -> Graph.Value {
    let rows = try append(
      "\(name).places", Reshape(self[places].type.dimensions + [1]), [places])[0]
    return try append(name, IndexedReading(IndexedAccess(.rows(shared: 1))), [input, rows])[0]
  }
}
