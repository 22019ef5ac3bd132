import Basics
import Graphs
import Kernels

/// Residual networks for small grey images.
///
/// He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015), section 4.2: a 3x3
/// stem and three stages of 16, 32 and 64 channels. Shortcuts that change shape are 1x1
/// convolutions (option B) where the paper's table for CIFAR-10 has padding (option A).
package enum SmallResNet {
  /// The depths that exist: 6 n + 2.
  private static let depths = [20, 32, 44, 56]

  /// A residual network of each depth.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The networks, the shallowest first.
  package static func networks(classes: Int) -> [Network] {
    depths.map { network(depth: $0, classes: classes) }
  }

  private static func network(depth: Int, classes: Int) -> Network {
    Network(
      name: "resnet\(depth)", classes: classes, channels: 1, minimumInputSize: 8,
      usualInputSize: 28, isSmall: true
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = try graph.convolution("conv1", images, filters: 16, window: 3, paddings: 1)
      value = try graph.relu("relu", graph.batchNorm("bn1", value))
      var channels = 16
      for stage in 0..<3 {
        for block in 0..<(depth - 2) / 6 {
          value = try graph.residualBlock(
            "layer\(stage + 1).\(block)", value, channels: channels, width: 16 << stage,
            outputs: 16 << stage, stride: stage > 0 && block == 0 ? 2 : 1, isBottleneck: false)
          channels = 16 << stage
        }
      }
      value = try graph.averagePool("avgpool", value)
      return [Graph.Port("logits", try graph.linear("fc", value, outputs: classes))]
    }
  }
}

/// AlexNet's plan at the scale of 28-pixel grey images: the yardstick of 2012.
///
/// Five convolutions, two overlapping max pools, two wide layers with dropout, no batch-norm;
/// the stem's window and stride shrink with the image.
package enum SmallAlexNet {
  /// The network's name on the command line.
  package static let name = "alexnet-small"

  /// The network, the only one of its family.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The network.
  package static func networks(classes: Int) -> [Network] {
    let network = Network(
      name: name, classes: classes, channels: 1, minimumInputSize: 16, usualInputSize: 28,
      isSmall: true
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = images
      for (index, filters, window) in [
        (0, 64, 5), (3, 192, 5), (6, 384, 3), (8, 256, 3), (10, 256, 3),
      ] {
        value = try graph.alexNetFeatures(
          index, value, filters: filters, window: window, padding: window / 2, pools: index < 6)
      }
      value = try graph.averagePool("avgpool", value, side: 2)
      value = try graph.alexNetClassifier(value, width: 1024, classes: classes)
      return [Graph.Port("logits", value)]
    }
    return [network]
  }
}
