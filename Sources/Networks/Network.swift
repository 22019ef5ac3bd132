import Formats
import Kernels

/// A network as a graph of layers, without weights and without sizes of batch or image.
package struct Network: Sendable {
  /// One layer in the graph.
  package struct Node: Sendable {
    /// torchvision's name of the module, for example `layer2.0.conv2`.
    package var name: String
    /// What it computes.
    package var layer: Layer
    /// Indices of the nodes that it reads; all before its own.
    package var inputs: [Int]
  }

  /// The name by which the command line knows it, for example `resnet50`.
  package let name: String
  /// The layers in an order in which they can be computed; the first is the input, the last
  /// gives the logits.
  package private(set) var nodes: [Node]
  /// Number of logits.
  package let classes: Int
  /// The smallest side of an image that it can take.
  package let minimumInputSize: Int
  /// The side of the images that it was made for.
  package let usualInputSize: Int

  /// Starts a network with its input.
  ///
  /// - Parameters:
  ///   - name: As the command line knows it.
  ///   - classes: Number of logits.
  ///   - channels: Channels of an image.
  ///   - minimumInputSize: The smallest side of an image that it can take.
  ///   - usualInputSize: The side of the images that it was made for.
  init(
    name: String, classes: Int, channels: Int = 3, minimumInputSize: Int, usualInputSize: Int
  ) {
    precondition(classes > 0, "a network needs at least one class, not \(classes)")
    (self.name, self.classes) = (name, classes)
    (self.minimumInputSize, self.usualInputSize) = (minimumInputSize, usualInputSize)
    self.nodes = [Node(name: "input", layer: .input(channels: channels), inputs: [])]
  }

  /// Appends a layer and returns its index.
  ///
  /// - Parameters:
  ///   - name: torchvision's name of the module.
  ///   - layer: What it computes.
  ///   - inputs: Indices of the nodes that it reads; by default the one before.
  /// - Returns: The index of the new node.
  @discardableResult
  mutating func append(_ name: String, _ layer: Layer, _ inputs: [Int]? = nil) -> Int {
    nodes.append(Node(name: name, layer: layer, inputs: inputs ?? [nodes.count - 1]))
    return nodes.count - 1
  }

  /// Channels of an image.
  package var inputChannels: Int {
    guard case .input(let channels) = nodes[0].layer else { return 0 }
    return channels
  }

  /// The output's shape of each node.
  ///
  /// - Parameters:
  ///   - batch: Images, at least 1.
  ///   - inputSize: Side of an image, at least `minimumInputSize`.
  /// - Returns: One shape a node, in the order of `nodes`.
  package func shapes(batch: Int, inputSize: Int) -> [ActivationShape] {
    precondition(inputSize >= minimumInputSize, "\(name) cannot take images of \(inputSize)")
    var shapes: [ActivationShape] = []
    for node in nodes {
      let input =
        node.inputs.first.map { shapes[$0] }
        ?? ActivationShape(N: batch, H: inputSize, W: inputSize, C: inputChannels)
      guard let output = node.layer.outputShape(input) else {
        preconditionFailure("\(name).\(node.name) cannot take \(input)")
      }
      shapes.append(output)
    }
    return shapes
  }

  /// The layers that multiply filters with their input, with names and shapes, in order.
  ///
  /// - Parameters:
  ///   - batch: Images, at least 1.
  ///   - inputSize: Side of an image.
  /// - Returns: Convolutions and fully connected layers.
  package func filterLayers(
    batch: Int, inputSize: Int
  ) -> [(node: Int, name: String, shape: ConvShape)] {
    let shapes = shapes(batch: batch, inputSize: inputSize)
    return nodes.indices.compactMap { index in
      guard let input = nodes[index].inputs.first else { return nil }
      return nodes[index].layer.convShape(shapes[input]).map { (index, nodes[index].name, $0) }
    }
  }
}

extension Network {
  /// A convolution's shape and the layers of one network that have it.
  package struct DistinctConvolution: Sendable {
    /// The shape.
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
    var result: [DistinctConvolution] = []
    for (node, name, shape) in filterLayers(batch: batch, inputSize: inputSize) {
      guard case .convolution = nodes[node].layer else { continue }
      if let index = result.firstIndex(where: { $0.shape == shape }) {
        result[index].layers.append(name)
      } else {
        result.append(DistinctConvolution(shape: shape, layers: [name]))
      }
    }
    return result
  }

  /// Multiply-accumulates of one forward pass: convolutions and fully connected layers.
  ///
  /// - Parameters:
  ///   - batch: Images.
  ///   - inputSize: Side of an image.
  /// - Returns: The textbook's count, biases left out.
  package func macs(batch: Int, inputSize: Int) -> MACs {
    filterLayers(batch: batch, inputSize: inputSize).reduce(MACs(0)) { $0 + $1.shape.macs }
  }
}

extension Network {
  /// The names that `named` knows, in the order of `costcurve list networks`.
  package static var names: [String] {
    (ResNet.depths + SmallResNet.depths).map { "resnet\($0)" } + ["alexnet", SmallAlexNet.name]
  }

  /// A network by its name on the command line.
  ///
  /// - Parameters:
  ///   - name: One of `names`.
  ///   - classes: Number of logits.
  /// - Returns: The network.
  /// - Throws: `absent` for a name that is not one.
  package static func named(_ name: String, classes: Int = 1000) throws(FileError) -> Network {
    if name == "alexnet" { return AlexNet.network(classes: classes) }
    if name == SmallAlexNet.name { return SmallAlexNet.network(classes: classes) }
    if name.hasPrefix("resnet"), let depth = Int(name.dropFirst(6)),
      let network = ResNet.network(depth: depth, classes: classes)
        ?? SmallResNet.network(depth: depth, classes: classes)
    {
      return network
    }
    throw FileError(
      .absent, "no network is called \(name); choose one of \(names.joined(separator: ", "))")
  }
}
