import Basics
import Graphs
import Kernels

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

  /// A residual network of each depth.
  ///
  /// - Parameter classes: Number of logits.
  /// - Returns: The networks, the shallowest first.
  package static func networks(classes: Int) -> [Network] {
    table.map { network(depth: $0.depth, $0.blocks, isBottleneck: $0.isBottleneck, classes) }
  }

  private static func network(
    depth: Int, _ blocks: [Int], isBottleneck: Bool, _ classes: Int
  ) -> Network {
    Network(
      name: "resnet\(depth)", classes: classes, minimumInputSize: 32, usualInputSize: 224
    ) { (graph: inout GraphBuilder, images: Graph.Value) throws(Problem) in
      var value = try graph.convolution(
        "conv1", images, filters: 64, window: 7, strides: 2, paddings: 3)
      value = try graph.relu("relu", graph.batchNorm("bn1", value))
      value = try graph.maxPool("maxpool", value, window: 3, stride: 2, padding: 1)
      var channels = 64
      for (stage, count) in blocks.enumerated() {
        let width = 64 << stage
        let outputs = isBottleneck ? 4 * width : width
        for block in 0..<count {
          value = try graph.residualBlock(
            "layer\(stage + 1).\(block)", value, channels: channels, width: width,
            outputs: outputs, stride: stage > 0 && block == 0 ? 2 : 1,
            isBottleneck: isBottleneck)
          channels = outputs
        }
      }
      value = try graph.averagePool("avgpool", value)
      return [Graph.Port("logits", try graph.linear("fc", value, outputs: classes))]
    }
  }
}

extension GraphBuilder {
  /// Appends `relu(branch(x) + shortcut(x))`.
  ///
  /// The shortcut is the identity where shapes allow it, else a 1x1 convolution with batch-norm
  /// (option B of the paper).
  ///
  /// - Parameters:
  ///   - name: Prefix of the modules' names.
  ///   - input: What the block reads.
  ///   - channels: Its channels.
  ///   - width: Channels inside the branch.
  ///   - outputs: Channels of the block's output.
  ///   - stride: Of the branch's 3x3 convolution that strides, and of the shortcut.
  ///   - isBottleneck: 1x1, 3x3, 1x1 instead of 3x3, 3x3.
  /// - Returns: The block's last value.
  /// - Throws: Images too small for its windows.
  mutating func residualBlock(
    _ name: String, _ input: Graph.Value, channels: Int, width: Int, outputs: Int, stride: Int,
    isBottleneck: Bool
  ) throws(Problem) -> Graph.Value {
    var shortcut = input
    if stride != 1 || channels != outputs {
      shortcut = try convolution(
        "\(name).downsample.0", input, filters: outputs, window: 1, strides: PerAxis(stride))
      shortcut = try batchNorm("\(name).downsample.1", shortcut)
    }
    let branch: [(window: Int, stride: Int, filters: Int)] =
      isBottleneck
      ? [(1, 1, width), (3, stride, width), (1, 1, outputs)]
      : [(3, stride, width), (3, 1, outputs)]
    var value = input
    for (index, layer) in branch.enumerated() {
      value = try convolution(
        "\(name).conv\(index + 1)", value, filters: layer.filters, window: PerAxis(layer.window),
        strides: PerAxis(layer.stride), paddings: PerAxis(layer.window / 2))
      value = try batchNorm("\(name).bn\(index + 1)", value)
      if index + 1 < branch.count { value = try relu("\(name).relu\(index + 1)", value) }
    }
    return try relu("\(name).relu", add("\(name).add", value, shortcut))
  }
}
