import Basics
import Graphs
import Kernels

extension InceptionBlocks {
  /// What the names of the auxiliary classifier's layers begin with.
  static let auxiliaryName = "AuxLogits"

  /// The auxiliary classifier, torchvision's `InceptionAux`: means of 5x5 windows three pixels apart, a
  /// 1x1 and a 5x5 convolution, the mean, and a fully connected layer.
  ///
  /// - Parameters:
  ///   - input: `N H W C` of 17 pixels or more a side.
  ///   - classes: Number of logits.
  /// - Returns: `N × classes`.
  /// - Throws: Smaller images.
  mutating func auxiliary(
    _ input: Graph.Value, classes: Int
  ) throws(Problem) -> Graph.Value {
    let name = Self.auxiliaryName
    var value = try graph.averagePool("\(name).pool", input, window: 5, stride: 3)
    value = try unit("\(name).conv0", value, 128, 1)
    value = try unit("\(name).conv1", value, 768, 5)
    let mean = try graph.averagePool("\(name).mean", value)
    return try graph.linear("\(name).fc", mean, outputs: classes)
  }
}
