import Basics
import Graphs
import Kernels

extension Network {
  /// The network at its usual size, for what is the same at every size.
  private var usualGraph: Graph { graph(inputSize: usualInputSize) }

  /// Everything that a weight file must hold, in the order of the layers.
  package var parameters: [Parameter] { usualGraph.parameters }

  /// What it gives, by name, and how many floats an image; the first is what labels are for.
  package var outputs: [(name: String, width: Int)] {
    let graph = usualGraph
    return graph.outputs.map { ($0.name, graph[$0.value].type.countPerImage ?? 0) }
  }

  /// Number of trainable parameters.
  package var parameterCount: Int {
    parameters.filter(\.isTrainable).reduce(0) { $0 + $1.count }
  }

  /// Multiply-accumulates of one forward pass: convolutions, fully connected and recurrent layers,
  /// and attention, as if every query saw every key.
  ///
  /// - Parameters:
  ///   - batch: Images or sequences.
  ///   - inputSize: Side of an image, or tokens of a sequence.
  /// - Returns: The direct operations, biases left out.
  package func macs(batch: Int, inputSize: Int) -> MACs {
    graph(inputSize: inputSize).macs(batch: batch)
  }

  /// The layers that multiply filters with their input, in order.
  ///
  /// - Parameters:
  ///   - batch: Images or sequences, at least 1.
  ///   - inputSize: Side of an image, or tokens of a sequence.
  /// - Returns: torchvision's names and shapes of convolutions and fully connected layers.
  package func filterLayers(
    batch: Int, inputSize: Int
  ) -> [(name: String, shape: ConvShape)] {
    graph(inputSize: inputSize).filterNodes(batch: batch).map { ($0.node.name, $0.shape) }
  }

  /// A convolution's shape and the layers of one network that have it.
  package struct DistinctConvolution: Sendable {
    package var shape: ConvShape
    /// Names of the layers, in order; as many as the network has of this shape.
    package var layers: [String]
  }

  /// Every distinct convolution, fully connected layers left out, in order of first use.
  ///
  /// - Parameters:
  ///   - batch: Images, at least 1.
  ///   - inputSize: Side of an image.
  /// - Returns: Shapes, each with its layers.
  package func convolutions(batch: Int, inputSize: Int) -> [DistinctConvolution] {
    graph(inputSize: inputSize).convolutions(batch: batch)
  }

  /// Whether any layer is of a kind.
  package func uses(_ kind: (some Operator).Type) -> Bool {
    usualGraph.nodes.contains { type(of: $0.op) == kind }
  }

  /// Whether every batch-norm of a step sees more than one pixel, without which there is no variance.
  ///
  /// - Parameters:
  ///   - batch: Images of one step.
  ///   - inputSize: Side of an image.
  /// - Returns: False where PyTorch, too, would refuse to train, as for images too small for an
  ///   auxiliary head.
  package func canTrain(batch: Int, inputSize: Int) -> Bool {
    guard inputSize >= minimumTrainingSize else { return false }
    let graph = trainedGraph(inputSize: inputSize)
    guard let shapes = try? graph.shapes(["batch": batch]) else { return false }
    return graph.nodes.filter { $0.op is BatchNormalization }.allSatisfy { node in
      let shape = shapes[node.inputs[0].index]
      return shape.count / shape.C > 1
    }
  }
}

extension Network {
  /// Names of what the layer that gives the logits reads besides its input: filters, then bias.
  package var logitParameters: [String] {
    let graph = usualGraph
    guard let producer = graph.producers[graph.outputs[0].value.index] else { return [] }
    return graph.nodes[producer].inputs.compactMap { graph[$0].parameter?.name }
  }

  /// Names of the scales of the batch-norms whose results are added to a shortcut.
  var branchEnds: Set<String> {
    let graph = usualGraph
    let producers = graph.producers
    return Set(
      graph.nodes.filter { $0.op is Addition }.compactMap { node in
        producers[node.inputs[0].index].map { graph.nodes[$0] }
      }.filter { $0.op is BatchNormalization }.map { graph[$0.inputs[1]].name })
  }

  /// Names of the filters whose products are the outputs that it is trained by.
  var outputFilters: Set<String> {
    let graph = usualTrainedGraph
    let producers = graph.producers
    func producer(_ value: Graph.Value) -> Graph.Node? {
      let node = producers[value.index].map { graph.nodes[$0] }
      // What reads one value has no filters, and passes on what it reads in another form.
      guard let node, node.inputs.count == 1 else { return node }
      return producer(node.inputs[0])
    }
    return Set(
      graph.outputs.compactMap { producer($0.value) }
        .filter { $0.op is Convolution }.map { graph[$0.inputs[1]].name })
  }
}

extension Graph {
  /// Every distinct convolution, fully connected layers left out, in order of first use.
  ///
  /// - Parameter batch: Images, at least 1.
  /// - Returns: Shapes, each with its layers.
  package func convolutions(batch: Int) -> [Network.DistinctConvolution] {
    var result: [Network.DistinctConvolution] = []
    for (node, shape) in filterNodes(batch: batch) {
      guard let convolution = node.op as? Convolution, !convolution.flattens else { continue }
      if let index = result.firstIndex(where: { $0.shape == shape }) {
        result[index].layers.append(node.name)
      } else {
        result.append(Network.DistinctConvolution(shape: shape, layers: [node.name]))
      }
    }
    return result
  }
}
