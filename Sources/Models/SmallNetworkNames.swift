extension Network {
  /// Names of the networks that are made for Fashion-MNIST's small grey images.
  package static let smallNames =
    SmallResNet.depths.map { "resnet\($0)" } + [SmallAlexNet.name]

  /// Whether it is made for Fashion-MNIST's small grey images rather than for ImageNet's.
  package var isSmall: Bool { Self.smallNames.contains(name) }
}
