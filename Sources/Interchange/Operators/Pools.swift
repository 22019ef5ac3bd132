import Basics
import Graphs
import Kernels

/// What takes one number from each part of an image.
enum Pools {
  /// How each is translated.
  static let rules = [
    "MaxPool": OperatorRule(emit: maxPool), "AveragePool": OperatorRule(emit: averagePool),
    "GlobalAveragePool": OperatorRule(emit: globalAverage),
  ]

  @Sendable
  private static func maxPool(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let (image, window, sides) = try parts(&translator, node)
    let (size, stride, padding) = try square(node, window, sides)
    let op = MaxPooling(window: size, stride: stride, padding: padding)
    return [.placed(try translator.channelsLast(node.name, op, [image.value]))]
  }

  @Sendable
  private static func averagePool(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let (image, window, sides) = try parts(&translator, node)
    let size = [window.size.vertical, window.size.horizontal]
    let counts = zip(sides, size).map { $0 / $1 }
    let isTiled =
      window.size == window.strides && zip(sides, size).allSatisfy { $0 % $1 == 0 }
      && counts[0] == counts[1]
    if window.paddings == 0, window.dilations == 1, size == sides || isTiled {
      let op = AdaptiveAveragePooling(side: size == sides ? 1 : counts[0])
      return [.placed(try translator.channelsLast(node.name, op, [image.value]))]
    }
    let (side, stride, padding) = try square(node, window, sides)
    let countsBorder = try node.integer("count_include_pad", 0) == 1
    guard padding == 0 || countsBorder else {
      throw Problem(.malformed, "leaves the border out of its means; supported is the border as 0")
    }
    let op = AveragePooling(window: side, stride: stride, padding: padding)
    return [.placed(try translator.channelsLast(node.name, op, [image.value]))]
  }

  @Sendable
  private static func globalAverage(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let image = try translator.image(node.placed(0), node.name)
    return [
      .placed(
        try translator.channelsLast(node.name, AdaptiveAveragePooling(side: 1), [image.value]))
    ]
  }

  /// The image that a pool reads, its window, and the image's rows and columns.
  private static func parts(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> (PlacedValue, SpatialWindow, [Int]) {
    let image = try translator.image(node.placed(0), node.name)
    guard let size = try node.integers("kernel_shape") else {
      throw Problem(.malformed, "lacks its window, kernel_shape")
    }
    let window = try SpatialWindow(node, size: size, image: image.dimensions)
    guard window.extra.isEmpty else {
      throw Problem(.malformed, "has another border on opposite sides, which pools do not support")
    }
    return (image, window, translator.lengths(Array(image.dimensions[2...])))
  }

  /// The side, stride and border of square windows that stay inside the image and its border.
  private static func square(
    _ node: OperatorNode, _ window: SpatialWindow, _ sides: [Int]
  ) throws(Problem) -> (size: Int, stride: Int, padding: Int) {
    let (size, stride) = (window.size.vertical, window.strides.vertical)
    let padding = window.paddings.vertical
    guard window.size.isSquare, window.strides.isSquare, window.paddings.isSquare,
      window.dilations == 1
    else {
      throw Problem(
        .malformed,
        "has a window of \(window.size), strides \(window.strides), pads \(window.paddings), "
          + "dilations \(window.dilations); supported are squares without dilation")
    }
    let rests = sides.map { ($0 + 2 * padding - size) % stride }
    guard try node.integer("ceil_mode", 0) == 0 || rests == [0, 0] else {
      throw Problem(.malformed, "has windows that reach out of the image, by ceil_mode")
    }
    return (size, stride, padding)
  }
}
