import Basics
import Graphs
import Kernels

/// Borders around values, and borders taken off.
enum Paddings {
  static let rules: [String: OperatorRule] = [
    "Pad": OperatorRule(emit: pad, fold: AxisPicks.rule(picks).fold)
  ]

  /// How many elements are added before and behind each axis; negative ones are taken off.
  private typealias Border = [(before: Int, after: Int)]

  private static func pad(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    let lengths = translator.lengths(placed.dimensions)
    let border = try border(node, lengths)
    if let sides = ImageBorder(border), !sides.isEmpty,
      translator.builder[placed.value].type.element == .f32, try mode(node) == "constant",
      try filling(node) == 0
    {
      let image = try translator.image(placed, node.name)
      return [.placed(try translator.padded(image, sides, node.name))]
    }
    return [.placed(try translator.picked(placed, picks(node, lengths), node.name))]
  }

  private static func picks(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> AxisPicks {
    let (border, mode) = (try border(node, lengths), try mode(node))
    var picks = [[Int]?](repeating: nil, count: lengths.count)
    for (axis, length) in lengths.enumerated() where border[axis] != (0, 0) {
      let (before, after) = border[axis]
      // What is taken off both ends may be more than there is.
      guard -before <= length, -after <= length, before + length + after >= 0, length > 0 else {
        throw .malformed("takes \(border[axis]) elements off \(length)")
      }
      _ = try AxisPicks.check(before + length + after)
      picks[axis] = (-before..<length + after).map { place in
        inside(place, length, mode)
      }
    }
    return AxisPicks(picks, filling: try filling(node))
  }

  /// The index that stands at a place on the border.
  private static func inside(_ place: Int, _ length: Int, _ mode: String) -> Int {
    guard !(0..<length).contains(place) else { return place }
    switch mode {
    case "edge": return place < 0 ? 0 : length - 1
    case "wrap": return (place % length + length) % length
    case "reflect":
      let period = max(2 * (length - 1), 1)
      let rest = (place % period + period) % period
      return min(rest, period - rest) % length
    default: return -1
    }
  }

  private static func border(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> Border {
    let axes = try node.axes(
      node.constant(3, "axes")?.integers("an axis"), rank: lengths.count)
    guard let pads = try Selections.list(node, "pads", input: 1), pads.count == 2 * axes.count,
      Set(axes).count == axes.count,
      pads.allSatisfy({ (-AxisPicks.countLimit...1 << 31).contains($0) })
    else { throw .malformed("lacks two pads for each axis, or has some that cannot be") }
    var border = Border(repeating: (0, 0), count: lengths.count)
    for (place, axis) in axes.enumerated() {
      border[axis] = (pads[place], pads[axes.count + place])
    }
    return border
  }

  private static func mode(_ node: OperatorNode) throws(Problem) -> String {
    let mode = try node.text("mode", "constant")
    guard ["constant", "edge", "reflect", "wrap"].contains(mode) else {
      throw .malformed("has the mode \(mode), which is not known")
    }
    return mode
  }

  private static func filling(_ node: OperatorNode) throws(Problem) -> Double {
    guard let constant = try node.constant(2, "values") else {
      return Double(try node.float("value", 0))
    }
    return try constant.doubles().first ?? 0
  }
}

extension ImageBorder {
  /// The border of rows and columns of images; nil for any other.
  fileprivate init?(_ border: [(before: Int, after: Int)]) {
    guard border.count == 4, border[0] == (0, 0), border[1] == (0, 0),
      border.allSatisfy({ $0.before >= 0 && $0.after >= 0 })
    else { return nil }
    self.init(
      top: border[2].before, left: border[3].before, bottom: border[2].after,
      right: border[3].after)
  }
}
