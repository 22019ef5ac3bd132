/// The residual networks for 224-pixel images, as torchvision builds and names them.
///
/// He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015), table 1, in the
/// variant v1.5: a bottleneck strides in its 3x3 convolution, not in the 1x1 before it.
package enum ResNet {
  /// Blocks in each of the four stages, and whether they are bottlenecks.
  private static let table: [(depth: Int, blocks: [Int], isBottleneck: Bool)] = [
    (18, [2, 2, 2, 2], false),
    (34, [3, 4, 6, 3], false),
    (50, [3, 4, 6, 3], true),
    (101, [3, 4, 23, 3], true),
    (152, [3, 8, 36, 3], true),
  ]

  /// The depths that exist.
  package static var depths: [Int] { table.map(\.depth) }

  /// A residual network, or nil for a depth that does not exist.
  ///
  /// - Parameters:
  ///   - depth: One of `depths`.
  ///   - classes: Number of logits.
  /// - Returns: The network.
  package static func network(depth: Int, classes: Int) -> Network? {
    guard let row = table.first(where: { $0.depth == depth }) else { return nil }
    var network = Network(
      name: "resnet\(depth)", classes: classes, minimumInputSize: 32, usualInputSize: 224)
    network.append(
      "conv1", .convolution(filters: 64, window: 7, stride: 2, padding: 3, hasBias: false))
    network.append("bn1", .batchNorm)
    network.append("relu", .relu)
    var value = network.append("maxpool", .maxPool(window: 3, stride: 2, padding: 1))
    var channels = 64
    for (stage, blocks) in row.blocks.enumerated() {
      let width = 64 << stage
      let outputs = row.isBottleneck ? 4 * width : width
      for block in 0..<blocks {
        let stride = stage > 0 && block == 0 ? 2 : 1
        value = network.appendResidualBlock(
          "layer\(stage + 1).\(block)", input: value, channels: channels, width: width,
          outputs: outputs, stride: stride, isBottleneck: row.isBottleneck)
        channels = outputs
      }
    }
    network.append("avgpool", .averagePool(side: 1))
    network.append("fc", .linear(outputs: classes))
    return network
  }
}

extension Network {
  /// Appends `relu(branch(x) + shortcut(x))` and returns its index.
  ///
  /// The shortcut is the identity where shapes allow it, else a 1x1 convolution with batch-norm
  /// (option B of the paper).
  ///
  /// - Parameters:
  ///   - name: Prefix of the modules' names.
  ///   - input: Index of the node that the block reads.
  ///   - channels: Channels of that node.
  ///   - width: Channels inside the branch.
  ///   - outputs: Channels of the block's output.
  ///   - stride: Of the branch's 3x3 convolution that strides, and of the shortcut.
  ///   - isBottleneck: 1x1, 3x3, 1x1 instead of 3x3, 3x3.
  /// - Returns: The index of the block's last node.
  mutating func appendResidualBlock(
    _ name: String, input: Int, channels: Int, width: Int, outputs: Int, stride: Int,
    isBottleneck: Bool
  ) -> Int {
    var shortcut = input
    if stride != 1 || channels != outputs {
      append(
        "\(name).downsample.0",
        .convolution(filters: outputs, window: 1, stride: stride, padding: 0, hasBias: false),
        [input])
      shortcut = append("\(name).downsample.1", .batchNorm)
    }
    let branch: [(window: Int, stride: Int, filters: Int)] =
      isBottleneck
      ? [(1, 1, width), (3, stride, width), (1, 1, outputs)]
      : [(3, stride, width), (3, 1, outputs)]
    var value = input
    for (index, convolution) in branch.enumerated() {
      append(
        "\(name).conv\(index + 1)",
        .convolution(
          filters: convolution.filters, window: convolution.window, stride: convolution.stride,
          padding: convolution.window / 2, hasBias: false),
        [value])
      value = append("\(name).bn\(index + 1)", .batchNorm)
      if index + 1 < branch.count { value = append("\(name).relu\(index + 1)", .relu) }
    }
    append("\(name).add", .add, [value, shortcut])
    return append("\(name).relu", .relu)
  }
}
