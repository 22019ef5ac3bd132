import Basics
import Graphs
import Kernels

/// What takes one number from each part of an image, or of other values with pixels.
enum Pools {
  static let rules: [String: OperatorRule] = [
    "MaxPool": rule { (_) throws(Problem) in .maximum },
    "AveragePool": rule { (node) throws(Problem) in
      .mean(countsBorder: try node.integer("count_include_pad", 0) != 0)
    },
    "LpPool": rule { (node) throws(Problem) in .norm(p: try power(node)) },
    "GlobalMaxPool": rule(isGlobal: true) { (_) throws(Problem) in .maximum },
    "GlobalAveragePool": rule(isGlobal: true) { (_) throws(Problem) in .mean(countsBorder: false) },
    "GlobalLpPool": rule(isGlobal: true) { (node) throws(Problem) in .norm(p: try power(node)) },
  ]

  private static func rule(
    isGlobal: Bool = false,
    _ summary: @escaping @Sendable (OperatorNode) throws(Problem) -> WindowPool.Summary
  ) -> OperatorRule {
    OperatorRule(emit: { (translator, node) throws(Problem) in
      [.placed(try pool(&translator, node, summary(node), isGlobal))]
    })
  }

  private static func power(_ node: OperatorNode) throws(Problem) -> Float {
    let power = try node.integer("p", 2)
    guard (1...1 << 20).contains(power) else {
      throw .malformed("has the norm \(power), which is not supported")
    }
    return Float(power)
  }

  private static func pool(
    _ translator: inout Translator, _ node: OperatorNode, _ summary: WindowPool.Summary,
    _ isGlobal: Bool
  ) throws(Problem) -> PlacedValue {
    let placed = try node.placed(0)
    guard (3...5).contains(placed.dimensions.count) else {
      throw .malformed(
        "reads \(placed.dimensions.count) dimensions; supported are 3 to 5, the first two of which "
          + "are images and channels")
    }
    let sides = Array(translator.lengths(placed.dimensions)[2...])
    var (window, roundsUp) = (SpatialWindow(all: sides), false)
    if !isGlobal {
      guard let size = try node.integers("kernel_shape") else {
        throw .malformed("lacks its window, kernel_shape")
      }
      window = try SpatialWindow(node, size: size, lengths: sides)
      roundsUp = try node.integer("ceil_mode", 0) != 0
    }
    guard let flat = window.overImage else {
      let op = WindowPooling(summary, axes: axes(window), roundsUp: roundsUp, isChannelsLast: false)
      return try translator.result(node.name, op, [translator.plain(placed, node.name)])
    }
    let image = try translator.rowsOrImage(placed, node.name)
    let lengths = Array(translator.lengths(image.dimensions)[2...])
    let op: any Operator
    switch (summary, square(flat, lengths, roundsUp)) {
    case (.mean, _) where parts(flat, lengths) != nil:
      op = AdaptiveAveragePooling(side: parts(flat, lengths) ?? 1)
    case (.maximum, let square?) where square.size <= MaxPool.largestWindow:
      op = MaxPooling(window: square.size, stride: square.stride, padding: square.padding)
    case (.mean(let countsBorder), let square?) where countsBorder || square.padding == 0:
      op = AveragePooling(window: square.size, stride: square.stride, padding: square.padding)
    default: op = WindowPooling(summary, axes: axes(flat), roundsUp: roundsUp)
    }
    let result = try translator.result(node.name, op, [image.value], isImage: true)
    return placed.dimensions.count == 3 ? try translator.rows(result, node.name) : result
  }

  private static func axes(_ window: SpatialWindow) -> [WindowPooling.Axis] {
    window.size.indices.map {
      WindowPooling.Axis(
        size: window.size[$0], stride: window.strides[$0], dilation: window.dilations[$0],
        before: window.before[$0], after: window.after[$0])
    }
  }

  /// Parts on a side, where windows tile an image, or are all of it.
  private static func parts(_ window: SpatialWindow, _ sides: [Int]) -> Int? {
    guard window.paddings == 0, window.extra.isEmpty, window.dilations == [1, 1] else { return nil }
    if window.size == sides { return 1 }
    let counts = zip(sides, window.size).map { $0 / $1 }
    let isTiled =
      window.size == window.strides && zip(sides, window.size).allSatisfy { $0 % $1 == 0 }
    return isTiled && counts[0] == counts[1] ? counts[0] : nil
  }

  /// Square windows that stay inside the image and its border; nil for all others.
  private static func square(
    _ window: SpatialWindow, _ sides: [Int], _ roundsUp: Bool
  ) -> (size: Int, stride: Int, padding: Int)? {
    let (size, stride) = (window.size[0], window.strides[0])
    let padding = window.before[0]
    guard window.size[1] == size, window.strides[1] == stride, window.dilations == [1, 1],
      window.before == [padding, padding], window.after == window.before, padding <= size / 2,
      sides.allSatisfy({ side in
        let room = side + 2 * padding - size
        return room >= 0 && (!roundsUp || room % stride == 0)
      })
    else { return nil }
    return (size, stride, padding)
  }
}
