import Basics
import Graphs
import Kernels

/// Inception v3 as torchvision builds and names it, without the auxiliary classifier, which only
/// training has.
///
/// Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception Architecture for Computer
/// Vision" (2015). Each convolution is followed by a batch-norm of ε 0.001 and ReLU; branches of a
/// block stand side by side in its output.
package enum InceptionV3 {
  /// The network's name on the command line, torchvision's.
  package static let name = "inception_v3"

  /// The family's one network.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The network.
  package static func networks(classes: Int) -> [Network] { [network(classes: classes)] }

  /// The network for 299-pixel images; it takes any of 75 pixels or more.
  ///
  /// - Parameters:
  ///   - classes: Number of logits.
  ///   - narrowing: What the number of filters of every layer is divided by; a divisor of 16.
  /// - Returns: The network.
  package static func network(classes: Int, narrowing: Int = 1) -> Network {
    precondition(narrowing > 0 && 16 % narrowing == 0, "filters do not divide by \(narrowing)")
    return Network(
      name: name, classes: classes, minimumInputSize: 75, usualInputSize: 299,
      ignoredPrefixes: ["AuxLogits."]
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var blocks = InceptionBlocks(graph: graph, narrowing: narrowing)
      let value = try blocks.features(images)
      graph = blocks.graph
      let pooled = try graph.averagePool("avgpool", value)
      let kept = try graph.dropout("dropout", pooled, probability: 0.5)
      return [Graph.Port("logits", try graph.linear("fc", kept, outputs: classes))]
    }
  }
}
