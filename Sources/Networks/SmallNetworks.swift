/// Residual networks for small grey images.
///
/// He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015), section 4.2: a 3x3
/// stem and three stages of 16, 32 and 64 channels. Shortcuts that change shape are 1x1
/// convolutions (option B) where the paper's table for CIFAR-10 has padding (option A).
package enum SmallResNet {
  /// The depths that exist: 6 n + 2.
  package static let depths = [20, 32, 44, 56]

  /// A residual network, or nil for a depth that does not exist.
  ///
  /// - Parameters:
  ///   - depth: One of `depths`.
  ///   - classes: Number of logits.
  /// - Returns: The network.
  package static func network(depth: Int, classes: Int) -> Network? {
    guard depths.contains(depth) else { return nil }
    var network = Network(
      name: "resnet\(depth)", classes: classes, channels: 1, minimumInputSize: 8,
      usualInputSize: 28)
    network.append(
      "conv1", .convolution(filters: 16, window: 3, stride: 1, padding: 1, hasBias: false))
    network.append("bn1", .batchNorm)
    var value = network.append("relu", .relu)
    var channels = 16
    for stage in 0..<3 {
      for block in 0..<(depth - 2) / 6 {
        value = network.appendResidualBlock(
          "layer\(stage + 1).\(block)", input: value, channels: channels, width: 16 << stage,
          outputs: 16 << stage, stride: stage > 0 && block == 0 ? 2 : 1, isBottleneck: false)
        channels = 16 << stage
      }
    }
    network.append("avgpool", .averagePool(side: 1))
    network.append("fc", .linear(outputs: classes))
    return network
  }
}

/// AlexNet's plan at the scale of 28-pixel grey images: the yardstick of 2012.
///
/// Five convolutions, two overlapping max pools, two wide layers with dropout, no batch-norm;
/// the stem's window and stride shrink with the image.
package enum SmallAlexNet {
  /// The network's name on the command line.
  package static let name = "alexnet-small"

  /// The network.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The network.
  package static func network(classes: Int) -> Network {
    var network = Network(
      name: name, classes: classes, channels: 1, minimumInputSize: 16, usualInputSize: 28)
    func convolve(_ index: Int, _ filters: Int, _ window: Int) {
      network.append(
        "features.\(index)",
        .convolution(
          filters: filters, window: window, stride: 1, padding: window / 2, hasBias: true))
      network.append("features.\(index + 1)", .relu)
    }
    func pool(_ index: Int) {
      network.append("features.\(index)", .maxPool(window: 3, stride: 2, padding: 0))
    }
    convolve(0, 64, 5)
    pool(2)
    convolve(3, 192, 5)
    pool(5)
    convolve(6, 384, 3)
    convolve(8, 256, 3)
    convolve(10, 256, 3)
    network.append("avgpool", .averagePool(side: 2))
    network.append("classifier.0", .dropout(probability: 0.5))
    network.append("classifier.1", .linear(outputs: 1024))
    network.append("classifier.2", .relu)
    network.append("classifier.3", .dropout(probability: 0.5))
    network.append("classifier.4", .linear(outputs: 1024))
    network.append("classifier.5", .relu)
    network.append("classifier.6", .linear(outputs: classes))
    return network
  }
}
