import Basics
import Graphs
import Kernels
import Tensors

/// A network of a family: built as a graph for images of any size, or sequences of any length.
package struct Network: Sendable {
  /// Appends a network's layers to its images, and names what comes out.
  package typealias Build =
    @Sendable (_ graph: inout GraphBuilder, _ images: Graph.Value) throws(Problem)
    -> [Graph.Port]
  /// Appends the inputs of a network for sequences of so many tokens and its layers, and names what
  /// comes out.
  package typealias SequenceBuild =
    @Sendable (_ graph: inout GraphBuilder, _ tokens: Int) throws(Problem) -> [Graph.Port]

  /// The name by which the command line knows it, for example `resnet50`.
  package let name: String
  /// What it is given: a batch of these.
  package let item: Item
  /// Number of logits; of a game's tower the numbers that tell moves, and for sequences the tokens
  /// that there are.
  package let classes: Int
  /// Channels of an image; 0 for sequences.
  package let inputChannels: Int
  /// The smallest side of an image that it can take, or the shortest sequence.
  package let minimumInputSize: Int
  /// The largest side of an image that it can take, or the longest sequence.
  package let maximumInputSize: Int
  /// The side of the images that it was made for, or their length in tokens.
  package let usualInputSize: Int
  /// How else its weight files may name tensors.
  let spelling: WeightSpelling
  /// How the answers to the first tokens of a sequence can be had without the others.
  package let firstTokens: FirstTokens
  /// Whether it is made for Fashion-MNIST's small grey images rather than for ImageNet's.
  package let isSmall: Bool
  /// The same network with few layers or filters, for checks of training by plain loops; nil where it
  /// is small enough as it is.
  package let shallow: (@Sendable () -> Network)?
  /// A classifier that only training has; nil for none.
  package let auxiliary: AuxiliaryHead?
  /// How it learns from sequences; nil for images, and for what does not learn here.
  package let training: SequenceTraining?
  private let build: SequenceBuild
  /// The same with the auxiliary head; nil where there is none.
  private let trainedBuild: SequenceBuild?

  /// Names a network and says how it is built.
  ///
  /// - Parameters:
  ///   - name: As the command line knows it.
  ///   - item: What it is given.
  ///   - classes: Number of logits.
  ///   - channels: Channels of an image.
  ///   - minimumInputSize: The smallest side of an image that it can take.
  ///   - maximumInputSize: The largest.
  ///   - usualInputSize: The side of the images that it was made for.
  ///   - auxiliary: A classifier that only training has.
  ///   - isSmall: Whether it is made for Fashion-MNIST's small grey images.
  ///   - shallow: The same with few layers or filters, where plain loops take too long for a step.
  ///   - build: Appends its layers; the first output of a network with classes has the logits,
  ///     `N × classes`.
  package init(
    name: String, item: Item = .image, classes: Int, channels: Int = 3, minimumInputSize: Int,
    maximumInputSize: Int = 8192, usualInputSize: Int, auxiliary: AuxiliaryHead? = nil,
    isSmall: Bool = false, shallow: (@Sendable () -> Network)? = nil,
    build: @escaping Build
  ) {
    precondition(classes > 0, "a network needs at least one class, not \(classes)")
    (self.name, self.item) = (name, item)
    (self.classes, inputChannels) = (classes, channels)
    (self.minimumInputSize, self.maximumInputSize) = (minimumInputSize, maximumInputSize)
    (self.usualInputSize, self.auxiliary) = (usualInputSize, auxiliary)
    self.isSmall = isSmall
    spelling = WeightSpelling()
    firstTokens = .needAll
    self.shallow = shallow
    training = nil
    self.build = Self.taking(channels, build)
    if let auxiliary {
      trainedBuild = Self.taking(channels, auxiliary.build)
    } else {
      trainedBuild = nil
    }
  }

  /// What appends images of so many channels and then a network's layers.
  private static func taking(_ channels: Int, _ build: @escaping Build) -> SequenceBuild {
    return { (graph: inout GraphBuilder, size: Int) throws(Problem) in
      let images = graph.input(
        "images", TensorType(.f32, [.batch, .fixed(size), .fixed(size), .fixed(channels)]))
      return try build(&graph, images)
    }
  }

  /// Names a network for sequences and says how it is built.
  ///
  /// - Parameters:
  ///   - name: As the command line knows it.
  ///   - tokens: Lengths of sequences that it can take.
  ///   - usualTokens: The length that it was made for.
  ///   - vocabulary: Tokens that there are, or those that it answers with.
  ///   - spelling: How else its weight files may name tensors.
  ///   - firstTokens: How the answers to the first of them can be had without the others.
  ///   - training: How it learns; nil where it does not.
  ///   - build: Appends its inputs and layers; the first output has the logits of each token.
  package init(
    name: String, tokens: ClosedRange<Int>, usualTokens: Int, vocabulary: Int,
    spelling: WeightSpelling = WeightSpelling(), firstTokens: FirstTokens = .needAll,
    training: SequenceTraining? = nil, build: @escaping SequenceBuild
  ) {
    self.name = name
    item = .sequence
    (classes, inputChannels) = (vocabulary, 0)
    (minimumInputSize, maximumInputSize) = (tokens.lowerBound, tokens.upperBound)
    usualInputSize = usualTokens
    (auxiliary, self.spelling) = (nil, spelling)
    (isSmall, shallow) = (false, training?.small)
    (self.firstTokens, self.training) = (firstTokens, training)
    (self.build, trainedBuild) = (build, nil)
  }

  /// The network as it is written: one input `images`, a batch of `N H W C`, or those of sequences.
  ///
  /// - Parameter inputSize: Side of an image, or tokens of a sequence, at least `minimumInputSize`.
  /// - Returns: The graph.
  package func graph(inputSize: Int) -> Graph {
    made(inputSize, withAuxiliary: false)
  }

  /// The network with or without what only training has.
  func made(_ inputSize: Int, withAuxiliary: Bool) -> Graph {
    precondition(takes(inputSize: inputSize), "\(name) cannot take \(item.plural) of \(inputSize)")
    var build = self.build
    if withAuxiliary, let trainedBuild { build = trainedBuild }
    return sound { () throws(Problem) in
      var builder = GraphBuilder()
      for port in try build(&builder, inputSize) { builder.output(port.name, port.value) }
      return try builder.graph()
    }
  }

  /// The network as inference runs it: batch-norm folded, residuals and activations fused.
  ///
  /// - Parameter inputSize: Side of an image, or tokens of a sequence.
  /// - Returns: The graph.
  package func inferenceGraph(inputSize: Int) -> Graph {
    sound { () throws(Problem) in
      try graph(inputSize: inputSize).withoutDropout().foldingNorms().fusingEpilogues()
    }
  }

  /// A step of the network's training: forward, mean cross-entropy, with that of an auxiliary head by
  /// its weight, of a game's tower the error of the result too, backward, and SGD or, for sequences,
  /// the update of its publication.
  ///
  /// - Parameters:
  ///   - inputSize: Side of an image, or tokens of a sequence.
  ///   - seed: Of dropout.
  ///   - shards: Parts that a step's images are cut into; the graph is of one of them. One where it
  ///     reads no labels: see `refuseShards`.
  ///   - optimizer: The update of a network for sequences; its own unless given.
  ///   - precision: What layers multiply.
  /// - Returns: The graph.
  package func trainingGraph(
    inputSize: Int, seed: UInt64 = 1, shards: Int = 1, optimizer: Optimizer.Kind? = nil,
    precision: TrainingPrecision = .f32
  ) -> Graph {
    precondition(shards == 1 || readsLabels, "\(name) is not cut into \(shards) shards")
    return sound { () throws(Problem) in
      if let training, let graph = gradientGraph(inputSize: inputSize, seed: seed) {
        return try precision.cast(graph.withUpdate(optimizer ?? training.optimizer.kind))
      }
      let prepared = try trainedGraph(inputSize: inputSize).preparedForTraining(seed: seed)
        .fusingEpilogues(isTrained: true)
      let weights = auxiliary.map { [$0.output: $0.lossWeight] } ?? [:]
      let forward =
        try readsLabels
        ? prepared.withCrossEntropy(shards: shards, auxiliary: weights) : prepared.withTargets()
      let backward = try forward.differentiated().fusingAccumulation()
      let summed = try shards > 1 ? backward.summingOverShards() : backward
      return try precision.cast(summed.withMomentumDescent())
    }
  }

  /// The shape of a batch of images.
  package func imageShape(batch: Int, inputSize: Int) -> Shape {
    [batch, inputSize, inputSize, inputChannels]
  }

  /// Networks are ours: one that is no sound graph is a mistake in its file.
  func sound(_ make: () throws(Problem) -> Graph) -> Graph {
    do throws(Problem) { return try make() } catch { preconditionFailure("\(name): \(error)") }
  }
}
