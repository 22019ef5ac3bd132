import Basics
import Graphs
import Kernels

/// Inception v3 as torchvision builds and names it; the auxiliary classifier is there in training only.
///
/// Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception Architecture for Computer
/// Vision" (2015). Each convolution is followed by a batch-norm of ε 0.001 and ReLU; branches of a
/// block stand side by side in its output.
package enum InceptionV3 {
  /// The network's name on the command line, torchvision's.
  package static let name = "inception_v3"

  /// What the auxiliary classifier's loss is multiplied by, as in TensorFlow's models
  /// (research/slim/train_image_classifier.py) and in code that fine-tunes torchvision's network
  /// (discuss.pytorch.org/t/7958); torchvision's own training script adds no such loss.
  private static let auxiliaryWeight = 0.4
  /// The name of its logits, torchvision's.
  private static let auxiliaryOutput = "aux_logits"

  /// The family's one network.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The network.
  package static func networks(classes: Int) -> [Network] { [network(classes: classes)] }

  /// The network for 299-pixel images; it takes any of 75 pixels or more, and of 299 or more in
  /// training, where the auxiliary classifier needs 17 pixels of what it reads.
  ///
  /// - Parameters:
  ///   - classes: Number of logits.
  ///   - narrowing: What the number of filters of every layer is divided by; a divisor of 16.
  /// - Returns: The network.
  package static func network(classes: Int, narrowing: Int = 1) -> Network {
    precondition(narrowing > 0 && 16 % narrowing == 0, "filters do not divide by \(narrowing)")
    let auxiliary = AuxiliaryHead(
      output: auxiliaryOutput, prefix: "\(InceptionBlocks.auxiliaryName).",
      lossWeight: auxiliaryWeight, minimumInputSize: 299
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      try InceptionV3.append(
        images, to: &graph, classes: classes, narrowing: narrowing, isTrained: true)
    }
    var shallow: (@Sendable () -> Network)?
    if narrowing < 4 { shallow = { InceptionV3.network(classes: classes, narrowing: 4) } }
    return Network(
      name: name, classes: classes, minimumInputSize: 75, usualInputSize: 299,
      auxiliary: auxiliary, shallow: shallow
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      try InceptionV3.append(
        images, to: &graph, classes: classes, narrowing: narrowing, isTrained: false)
    }
  }

  /// Appends the auxiliary classifier alone to what the network has before its last blocks.
  ///
  /// - Parameters:
  ///   - input: `N H W C` of 17 pixels or more a side.
  ///   - graph: What is appended to.
  ///   - classes: Number of logits.
  ///   - narrowing: What the number of filters of its layers is divided by; a divisor of 16.
  /// - Returns: `N × classes`.
  /// - Throws: Smaller images.
  package static func appendAuxiliary(
    _ input: Graph.Value, to graph: inout GraphBuilder, classes: Int, narrowing: Int = 1
  ) throws(Problem) -> Graph.Value {
    var blocks = InceptionBlocks(graph: graph, narrowing: narrowing)
    let logits = try blocks.auxiliary(input, classes: classes)
    graph = blocks.graph
    return logits
  }

  /// Appends all layers.
  private static func append(
    _ images: Graph.Value, to graph: inout GraphBuilder, classes: Int, narrowing: Int,
    isTrained: Bool
  ) throws(Problem) -> [Graph.Port] {
    var blocks = InceptionBlocks(graph: graph, narrowing: narrowing)
    let (last, auxiliary) = try blocks.features(
      images, auxiliaryClasses: isTrained ? classes : nil)
    graph = blocks.graph
    let pooled = try graph.averagePool("avgpool", last)
    let kept = try graph.dropout("dropout", pooled, probability: 0.5)
    let logits = Graph.Port("logits", try graph.linear("fc", kept, outputs: classes))
    return [logits] + (auxiliary.map { [Graph.Port(auxiliaryOutput, $0)] } ?? [])
  }
}
