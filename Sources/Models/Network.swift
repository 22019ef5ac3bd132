import Basics
import Formats
import Graphs
import Tensors

/// A network of a family: built as a graph for images of any size.
package struct Network: Sendable {
  /// Appends a network's layers to its images, and names what comes out.
  package typealias Build =
    @Sendable (_ graph: inout GraphBuilder, _ images: Graph.Value) throws(Problem)
    -> [Graph.Port]

  /// The name by which the command line knows it, for example `resnet50`.
  package let name: String
  /// Number of logits.
  package let classes: Int
  /// Channels of an image.
  package let inputChannels: Int
  /// The smallest side of an image that it can take.
  package let minimumInputSize: Int
  /// The side of the images that it was made for.
  package let usualInputSize: Int
  /// Whether it is made for Fashion-MNIST's small grey images rather than for ImageNet's.
  package var isSmall: Bool { inputChannels == 1 }
  private let build: Build

  /// Names a network and says how it is built.
  ///
  /// - Parameters:
  ///   - name: As the command line knows it.
  ///   - classes: Number of logits.
  ///   - channels: Channels of an image.
  ///   - minimumInputSize: The smallest side of an image that it can take.
  ///   - usualInputSize: The side of the images that it was made for.
  ///   - build: Appends its layers; the first output has the logits, `N × classes`.
  package init(
    name: String, classes: Int, channels: Int = 3, minimumInputSize: Int, usualInputSize: Int,
    build: @escaping Build
  ) {
    precondition(classes > 0, "a network needs at least one class, not \(classes)")
    (self.name, self.classes, inputChannels) = (name, classes, channels)
    (self.minimumInputSize, self.usualInputSize) = (minimumInputSize, usualInputSize)
    self.build = build
  }

  /// The network as it is written: one input `images`, a batch of `N H W C`.
  ///
  /// - Parameter inputSize: Side of an image, at least `minimumInputSize`.
  /// - Returns: The graph.
  package func graph(inputSize: Int) -> Graph {
    precondition(inputSize >= minimumInputSize, "\(name) cannot take images of \(inputSize)")
    return sound { () throws(Problem) in
      var builder = GraphBuilder()
      let images = builder.input(
        "images",
        TensorType(.f32, [.batch, .fixed(inputSize), .fixed(inputSize), .fixed(inputChannels)]))
      for port in try build(&builder, images) { builder.output(port.name, port.value) }
      return try builder.graph()
    }
  }

  /// The network as inference runs it: batch-norm folded, residuals and ReLUs fused.
  ///
  /// - Parameter inputSize: Side of an image.
  /// - Returns: The graph.
  package func inferenceGraph(inputSize: Int) -> Graph {
    sound { () throws(Problem) in
      try graph(inputSize: inputSize).withoutDropout().foldingNorms().fusingEpilogues()
    }
  }

  /// A step of the network's training: forward, mean cross-entropy, backward, SGD.
  ///
  /// - Parameters:
  ///   - inputSize: Side of an image.
  ///   - seed: Of dropout.
  /// - Returns: The graph.
  package func trainingGraph(inputSize: Int, seed: UInt64 = 1) -> Graph {
    sound { () throws(Problem) in
      try graph(inputSize: inputSize).preparedForTraining(seed: seed).fusingEpilogues()
        .withCrossEntropy().differentiated().fusingAccumulation().withMomentumDescent()
    }
  }

  /// The shape of a batch of images.
  package func imageShape(batch: Int, inputSize: Int) -> Shape {
    [batch, inputSize, inputSize, inputChannels]
  }

  /// Networks are ours: one that is no sound graph is a mistake in its file.
  private func sound(_ make: () throws(Problem) -> Graph) -> Graph {
    do throws(Problem) { return try make() } catch { preconditionFailure("\(name): \(error)") }
  }
}
