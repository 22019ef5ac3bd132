import Basics
import Graphs

/// A second classifier that a network has in training only, whose loss is a part of the step's.
///
/// It learns the labels of the first output. Inference neither computes it nor reads its weights.
package struct AuxiliaryHead: Sendable {
  /// The name of its output.
  package let output: String
  /// What the names of its parameters begin with.
  package let prefix: String
  /// What its loss is multiplied by before it is added to that of the first output.
  package let lossWeight: Double
  /// The smallest side of an image that it can take.
  package let minimumInputSize: Int
  /// Appends the network's layers, its own among them; its output is behind the others.
  let build: Network.Build

  /// Names all of it.
  package init(
    output: String, prefix: String, lossWeight: Double, minimumInputSize: Int,
    build: @escaping Network.Build
  ) {
    (self.output, self.prefix, self.lossWeight) = (output, prefix, lossWeight)
    (self.minimumInputSize, self.build) = (minimumInputSize, build)
  }
}

/// What training has that inference has not.
extension Network {
  /// What names of tensors begin with that its weight files may have and inference does not read.
  package var ignoredPrefixes: [String] { auxiliary.map { [$0.prefix] } ?? [] }

  /// The smallest side of an image, or the shortest sequence, that a step of training can take.
  package var minimumTrainingSize: Int {
    max(minimumInputSize, auxiliary?.minimumInputSize ?? minimumInputSize)
  }

  /// The side of images that a check of training by plain loops takes.
  package var checkTrainingSize: Int { max(checkInputSize, minimumTrainingSize) }

  /// Images of such a check: an auxiliary head may end in a single pixel of each, and a batch-norm
  /// of two numbers has next to no gradient.
  package var checkBatch: Int { auxiliary == nil ? 2 : 3 }

  /// The learning rate of such a check's first step, by which its second loss depends on gradients.
  ///
  /// The loss of the narrow Inception falls by several percent at the smaller one; after an update at
  /// the larger one, losses that agreed to 1e-5 were seen to lie 6 % apart.
  package var checkLearningRate: Float { auxiliary == nil ? 1e-4 : 1e-7 }

  /// The network as training has it, with its auxiliary head.
  ///
  /// - Parameter inputSize: Side of an image, at least `minimumTrainingSize`, or tokens of a sequence.
  /// - Returns: The graph before any pass.
  package func trainedGraph(inputSize: Int) -> Graph {
    precondition(
      inputSize >= minimumTrainingSize, "\(name) cannot learn from \(item.plural) of \(inputSize)")
    return made(inputSize, withAuxiliary: true)
  }

  /// Everything that a step of training reads and writes, in the order of the layers.
  package var trainingParameters: [Parameter] {
    auxiliary == nil ? parameters : usualTrainedGraph.parameters
  }

  /// The same at its usual size, for what does not depend on it.
  var usualTrainedGraph: Graph {
    trainedGraph(inputSize: max(usualInputSize, minimumTrainingSize))
  }

  /// Refuses a step that the auxiliary head cannot take.
  ///
  /// - Parameters:
  ///   - batch: Images of the step, or of a rank's part of it.
  ///   - inputSize: Their side.
  ///   - heedsEveryNorm: Whether any network is refused, as by PyTorch, where a batch-norm sees one
  ///     number of each channel, and not only one with such a head; a step that is timed learns nothing.
  /// - Throws: `usage`, with what it takes.
  package func refuseTraining(
    batch: Int, inputSize: Int, heedsEveryNorm: Bool = false
  ) throws(Problem) {
    if let auxiliary, inputSize < minimumTrainingSize {
      throw Problem(
        .usage,
        "\(name) learns from images of \(minimumTrainingSize) pixels or more a side, not "
          + "\(inputSize): its auxiliary head (\(auxiliary.prefix)*) takes no smaller ones; "
          + "'predict' and 'infer' take those of \(minimumInputSize) or more.")
    }
    guard auxiliary != nil || heedsEveryNorm, !canTrain(batch: batch, inputSize: inputSize) else {
      return
    }
    guard let auxiliary else {
      throw Problem(
        .usage,
        "one image of \(inputSize) pixels leaves a batch-norm of \(name) a single pixel; give more "
          + "or larger images.")
    }
    throw Problem(
      .usage,
      "\(name) learns from \(batch + 1) or more images a step, on each rank, not \(batch), as "
        + "--batch-size or --input has them: a batch-norm of its auxiliary head "
        + "(\(auxiliary.prefix)*) sees a single pixel of each.")
  }
}
