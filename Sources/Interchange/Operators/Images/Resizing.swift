import Basics
import Graphs
import Kernels

/// Images, and other values, with other lengths.
enum Resizing {
  static let rules: [String: OperatorRule] = [
    "Resize": OperatorRule(emit: resize), "Upsample": OperatorRule(emit: resize),
  ]

  private static func resize(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    let lengths = translator.lengths(placed.dimensions)
    let (axes, scaling) = (try axes(node, lengths), try ResizeScaling(node))
    if scaling.isNearest {
      var picks = [[Int]?](repeating: nil, count: lengths.count)
      for (axis, length) in lengths.enumerated() where !axes[axis].isSame {
        picks[axis] = scaling.nearest(axes[axis], length)
      }
      let choice = AxisPicks(picks, filling: scaling.filling)
      return [.placed(try translator.picked(placed, choice, node.name))]
    }
    // One dimension after the other: each sum over several is a sum of sums over one.
    let isImage = placed.layout == .channelsLast
    var value = isImage ? placed.value : try translator.plain(placed, node.name)
    for (axis, length) in lengths.enumerated() where !axes[axis].isSame {
      let op = AxisBlending(
        axis: isImage ? [0, 3, 1, 2][axis] : axis, taps: scaling.taps(axes[axis], length),
        filling: scaling.filling)
      value = try translator.append(translator.unique("\(node.name).axis\(axis)"), op, value)
    }
    return [.placed(translator.placedResult(value, isImage: isImage))]
  }

  /// What becomes of each axis.
  private static func axes(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> [ResizeScaling.Axis] {
    let named = try node.axes(node.integers("axes"), rank: lengths.count)
    // Up to version 10 the scales were the second input, and the last.
    let isOld = node.inputs.count == 2
    let scales = try node.constant(isOld ? 1 : 2, "scales")?.doubles() ?? []
    let sizes = try node.constant(3, "sizes")?.integers("a size") ?? []
    let given = scales.isEmpty ? sizes.map(Double.init) : scales
    guard given.count == named.count, Set(named).count == named.count,
      scales.isEmpty != sizes.isEmpty, given.allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw .malformed("lacks a scale or a size for each axis") }
    var factors = named.indices.map { place in
      scales.isEmpty ? given[place] / Double(lengths[named[place]]) : scales[place]
    }
    let policy = try node.text("keep_aspect_ratio_policy", "stretch")
    switch policy {
    case "stretch": break
    case "not_larger", "not_smaller":
      guard scales.isEmpty else { break }
      let factor = policy == "not_larger" ? factors.min() : factors.max()
      factors = factors.map { _ in factor ?? 1 }
    default: throw .malformed("has the policy \(policy), which is not known")
    }
    let regions = try regions(node, named.count)
    var result = lengths.map { ResizeScaling.Axis(scale: 1, count: $0) }
    for (place, axis) in named.enumerated() {
      let length = Double(lengths[axis]) * factors[place]
      let isGiven = scales.isEmpty && policy == "stretch"
      let count =
        isGiven
        ? given[place] : scales.isEmpty ? (length + 0.5).rounded(.down) : length.rounded(.down)
      result[axis] = ResizeScaling.Axis(
        scale: factors[place], count: try AxisPicks.check(Int(exactly: count) ?? .max),
        region: regions[place])
      result[axis].isSame =
        result[axis].count == lengths[axis] && abs(factors[place] - 1) < 1e-9
        && regions[place] == 0...1
      guard result[axis].count > 0 else { throw .malformed("leaves no elements") }
    }
    return result
  }

  /// The part of each axis that is looked at, where the coordinates are those of such parts.
  private static func regions(
    _ node: OperatorNode, _ count: Int
  ) throws(Problem) -> [ClosedRange<Double>] {
    let whole = [ClosedRange<Double>](repeating: 0...1, count: count)
    guard try node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize" else {
      return whole
    }
    guard let region = try node.constant(1, "regions")?.doubles(), region.count == 2 * count else {
      throw .malformed("lacks its region, roi")
    }
    var result = whole
    for place in 0..<count {
      guard region[place] <= region[count + place], abs(region[place]) < 0x1p20,
        abs(region[count + place]) < 0x1p20
      else { throw .malformed("has a region that ends before it begins") }
      result[place] = region[place]...region[count + place]
    }
    return result
  }
}
