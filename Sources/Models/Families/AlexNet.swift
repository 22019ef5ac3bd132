import Basics
import Graphs
import Kernels

/// AlexNet as torchvision builds and names it.
///
/// Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014), the
/// one-column variant of the network of 2012, without local response normalisation.
package enum AlexNet {
  /// The network for 224-pixel images; it takes any of 63 pixels or more.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The network.
  package static func network(classes: Int) -> Network {
    Network(name: "alexnet", classes: classes, minimumInputSize: 63, usualInputSize: 224) {
      (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = images
      func convolve(
        _ index: Int, _ filters: Int, _ window: PerAxis, strides: PerAxis = 1, paddings: PerAxis
      ) throws(Problem) {
        value = try graph.convolution(
          "features.\(index)", value, filters: filters, window: window, strides: strides,
          paddings: paddings, hasBias: true)
        value = try graph.relu("features.\(index + 1)", value)
      }
      func pool(_ index: Int) throws(Problem) {
        value = try graph.maxPool("features.\(index)", value, window: 3, stride: 2)
      }
      try convolve(0, 64, 11, strides: 4, paddings: 2)
      try pool(2)
      try convolve(3, 192, 5, paddings: 2)
      try pool(5)
      try convolve(6, 384, 3, paddings: 1)
      try convolve(8, 256, 3, paddings: 1)
      try convolve(10, 256, 3, paddings: 1)
      try pool(12)
      value = try graph.averagePool("avgpool", value, side: 6)
      value = try graph.alexNetClassifier(value, width: 4096, classes: classes)
      return [Graph.Port("logits", value)]
    }
  }
}

extension GraphBuilder {
  /// Appends AlexNet's three fully connected layers, with dropout before two of them.
  mutating func alexNetClassifier(
    _ input: Graph.Value, width: Int, classes: Int
  ) throws(Problem) -> Graph.Value {
    var value = try dropout("classifier.0", input, probability: 0.5)
    value = try linear("classifier.1", value, outputs: width)
    value = try relu("classifier.2", value)
    value = try dropout("classifier.3", value, probability: 0.5)
    value = try linear("classifier.4", value, outputs: width)
    value = try relu("classifier.5", value)
    return try linear("classifier.6", value, outputs: classes)
  }
}
