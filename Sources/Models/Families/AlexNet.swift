import Basics
import Graphs
import Kernels

/// AlexNet as torchvision builds and names it.
///
/// Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014), the
/// one-column variant of the network of 2012, without local response normalisation.
package enum AlexNet {
  /// The network for 224-pixel images, the only one of its family; it takes any of 63 pixels or more.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The network.
  package static func networks(classes: Int) -> [Network] {
    let network = Network(
      name: "alexnet", classes: classes, minimumInputSize: 63, usualInputSize: 224
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = images
      let layers: [(index: Int, filters: Int, window: Int, stride: Int, padding: Int)] = [
        (0, 64, 11, 4, 2), (3, 192, 5, 1, 2), (6, 384, 3, 1, 1), (8, 256, 3, 1, 1),
        (10, 256, 3, 1, 1),
      ]
      for layer in layers {
        value = try graph.alexNetFeatures(
          layer.index, value, filters: layer.filters, window: layer.window, stride: layer.stride,
          padding: layer.padding, pools: [0, 3, 10].contains(layer.index))
      }
      value = try graph.averagePool("avgpool", value, side: 6)
      value = try graph.alexNetClassifier(value, width: 4096, classes: classes)
      return [Graph.Port("logits", value)]
    }
    return [network]
  }
}

extension GraphBuilder {
  /// Appends a convolution with ReLU, under consecutive numbers, and a max pool behind it if asked.
  mutating func alexNetFeatures(
    _ index: Int, _ input: Graph.Value, filters: Int, window: Int, stride: Int = 1, padding: Int,
    pools: Bool
  ) throws(Problem) -> Graph.Value {
    var value = try convolution(
      "features.\(index)", input, filters: filters, window: PerAxis(window),
      strides: PerAxis(stride), paddings: PerAxis(padding), hasBias: true)
    value = try relu("features.\(index + 1)", value)
    return pools ? try maxPool("features.\(index + 2)", value, window: 3, stride: 2) : value
  }

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
