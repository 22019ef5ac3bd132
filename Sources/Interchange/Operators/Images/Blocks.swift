import Basics
import Graphs

/// Blocks of pixels as channels, and channels as blocks of pixels.
enum Blocks {
  static let rules: [String: OperatorRule] = [
    "DepthToSpace": OperatorRule(emit: depthToSpace),
    "SpaceToDepth": OperatorRule(emit: spaceToDepth),
  ]

  private static func depthToSpace(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let (image, side) = try parts(&translator, node)
    let mode = try node.text("mode", "DCR")
    let lengths = translator.lengths(image.dimensions)
    let (channels, rows, columns) = (lengths[1] / (side * side), lengths[2], lengths[3])
    guard ["DCR", "CRD"].contains(mode), lengths[1] % (side * side) == 0 else {
      throw .malformed("makes blocks of \(side) of \(lengths), by \(mode), which cannot be")
    }
    // Of a pixel's channels the block's rows and columns are the outer ones, or the inner ones.
    let (inside, order) =
      mode == "DCR"
      ? ([side, side, channels], [0, 1, 3, 2, 4, 5])
      : ([channels, side, side], [0, 1, 4, 2, 5, 3])
    return [
      .placed(
        try rearranged(
          &translator, node, image, [rows, columns] + inside, order,
          [rows * side, columns * side, channels]))
    ]
  }

  private static func spaceToDepth(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let (image, side) = try parts(&translator, node)
    let lengths = translator.lengths(image.dimensions)
    let mode = try node.text("mode", "DCR")
    guard ["DCR", "CRD"].contains(mode), lengths[2] % side == 0, lengths[3] % side == 0 else {
      throw .malformed("cuts \(lengths) into blocks of \(side), by \(mode), which cannot be")
    }
    let (rows, columns) = (lengths[2] / side, lengths[3] / side)
    return [
      .placed(
        try rearranged(
          &translator, node, image, [rows, side, columns, side, lengths[1]],
          mode == "DCR" ? [0, 1, 3, 2, 4, 5] : [0, 1, 3, 5, 2, 4],
          [rows, columns, lengths[1] * side * side]))
    ]
  }

  private static func parts(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> (PlacedValue, Int) {
    let side = try node.integer("blocksize", 0)
    guard (1..<1 << 20).contains(side) else {
      throw .malformed("has blocks of \(side) pixels, which cannot be")
    }
    return (try translator.image(node.placed(0), node.name), side)
  }

  /// An image seen with more dimensions behind its first, in another order, as an image again.
  private static func rearranged(
    _ translator: inout Translator, _ node: OperatorNode, _ image: PlacedValue, _ seen: [Int],
    _ order: [Int], _ result: [Int]
  ) throws(Problem) -> PlacedValue {
    let first = image.dimensions[0]
    func dimensions(_ lengths: [Int]) -> [Dimension] { [first] + lengths.map { .fixed($0) } }
    var value = try translator.append(
      translator.unique("\(node.name).seen"), Reshape(dimensions(seen)), image.value)
    value = try translator.append(node.name, Transpose(order), value)
    return try translator.result(
      translator.unique("\(node.name).image"), Reshape(dimensions(result)), [value], isImage: true)
  }
}
