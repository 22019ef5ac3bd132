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
    var network = Network(
      name: "alexnet", classes: classes, minimumInputSize: 63, usualInputSize: 224)
    func convolve(_ index: Int, _ filters: Int, _ window: Int, stride: Int = 1, padding: Int) {
      network.append(
        "features.\(index)",
        .convolution(
          filters: filters, window: window, stride: stride, padding: padding, hasBias: true))
      network.append("features.\(index + 1)", .relu)
    }
    func pool(_ index: Int) {
      network.append("features.\(index)", .maxPool(window: 3, stride: 2, padding: 0))
    }
    convolve(0, 64, 11, stride: 4, padding: 2)
    pool(2)
    convolve(3, 192, 5, padding: 2)
    pool(5)
    convolve(6, 384, 3, padding: 1)
    convolve(8, 256, 3, padding: 1)
    convolve(10, 256, 3, padding: 1)
    pool(12)
    network.append("avgpool", .averagePool(side: 6))
    network.append("classifier.0", .dropout(probability: 0.5))
    network.append("classifier.1", .linear(outputs: 4096))
    network.append("classifier.2", .relu)
    network.append("classifier.3", .dropout(probability: 0.5))
    network.append("classifier.4", .linear(outputs: 4096))
    network.append("classifier.5", .relu)
    network.append("classifier.6", .linear(outputs: classes))
    return network
  }
}
