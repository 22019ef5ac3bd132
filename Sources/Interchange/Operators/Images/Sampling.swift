import Basics
import Graphs
import Kernels

/// Elements at coordinates, columns put back into images, and parts around a centre.
enum Sampling {
  static let rules: [String: OperatorRule] = [
    "GridSample": OperatorRule(emit: sample), "Col2Im": OperatorRule(emit: columns),
    "CenterCropPad": AxisPicks.rule(centre), "Compress": AxisPicks.rule(compress),
  ]

  private static func sample(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let modes: [String: GridSampler.Mode] = [
      "nearest": .nearest, "linear": .linear, "bilinear": .linear, "cubic": .cubic,
      "bicubic": .cubic,
    ]
    let (mode, border) = (
      try node.text("mode", "linear"), try node.text("padding_mode", "zeros")
    )
    guard let known = modes[mode], let outside = GridSampler.Border(rawValue: border) else {
      throw .malformed("samples by \(mode) and \(border), which are not known")
    }
    let op = GridReading(
      known, border: outside, alignsCorners: try node.integer("align_corners", 0) != 0)
    let inputs = [try translator.operand(node, 0), try translator.operand(node, 1)]
    return [.placed(try translator.result(node.name, op, inputs))]
  }

  /// A transposed convolution in which each channel of a column is one tap of a window.
  private static func columns(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    guard let target = try node.constant(1, "lengths")?.integers("a length"),
      let block = try node.constant(2, "blocks")?.integers("a length"),
      (1...3).contains(target.count), block.count == target.count, placed.dimensions.count == 3,
      (target + block).allSatisfy({ (1..<1 << 20).contains($0) })
    else { throw .malformed("lacks the lengths of the image or of its blocks") }
    let count = target.count
    let strides = try SpatialWindow.numbers(node, "strides", count, from: 1)
    let dilations = try SpatialWindow.numbers(node, "dilations", count, from: 1)
    let pads = try SpatialWindow.numbers(node, "pads", 2 * count, from: 0)
    let lengths = translator.lengths(placed.dimensions)
    let taps = block.reduce(1, *)
    var (axes, windows): ([LoopConvolution.Axis], [Int]) = ([], [])
    for index in 0..<count {
      let extent = (block[index] - 1) * dilations[index] + 1
      let room = target[index] + pads[index] + pads[count + index] - extent
      windows.append(room < 0 ? 0 : room / strides[index] + 1)
      axes.append(
        LoopConvolution.Axis(
          stride: strides[index], dilation: dilations[index], before: pads[index],
          after: pads[count + index], extra: max(room, 0) % strides[index]))
    }
    guard Shape(windows)?.count == lengths[2], lengths[1] % taps == 0,
      lengths[1].multipliedReportingOverflow(by: taps).overflow == false
    else { throw .malformed("puts \(lengths) into \(target), which does not fit") }
    var filters = try Constant(.float32, [lengths[1], 1] + block) { index in
      index / taps % taps == index % taps ? 1 : 0
    }
    filters.name = "\(node.name).taps"
    let view = translator.dimensions([lengths[0], lengths[1]] + windows)
    let columns = try translator.reshaped(
      placed, to: view, translator.unique("\(node.name).columns"))
    let inputs = [
      try translator.plain(columns, node.name),
      try translator.parameter(filters, shape: filters.dimensions, role: .constant),
    ]
    let op = LoopConvolution(axes: axes, groups: lengths[1] / taps, isTransposed: true)
    return [.placed(try translator.result(node.name, op, inputs))]
  }

  private static func centre(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> AxisPicks {
    let axes = try node.axes(node.integers("axes"), rank: lengths.count)
    guard let target = try node.constant(1, "lengths")?.integers("a length"),
      target.count == axes.count, Set(axes).count == axes.count
    else { throw .malformed("lacks a length for each axis") }
    var picks = [[Int]?](repeating: nil, count: lengths.count)
    for (axis, wanted) in zip(axes, target) where wanted != lengths[axis] {
      // Checked first: its difference from the length might not fit in 64 bits.
      let (length, count) = (lengths[axis], try AxisPicks.check(wanted))
      let first = count < length ? (length - count) / 2 : -((count - length) / 2)
      picks[axis] = (0..<count).map { index in
        (0..<length).contains(first + index) ? first + index : -1
      }
    }
    return AxisPicks(picks)
  }

  private static func compress(
    _ node: OperatorNode, _ lengths: [Int]
  ) throws(Problem) -> AxisPicks {
    guard let kept = try node.constant(1, "conditions")?.doubles() else {
      throw .malformed("lacks its conditions")
    }
    let chosen = kept.indices.filter { kept[$0] != 0 }
    guard node.node["axis"] != nil else {
      let count = lengths.reduce(1, *)
      guard chosen.allSatisfy({ $0 < count }) else {
        throw .malformed("has \(kept.count) conditions for \(count) elements")
      }
      return AxisPicks(view: [count], [chosen])
    }
    let axis = try node.axis(node.integer("axis", 0), rank: lengths.count)
    guard chosen.allSatisfy({ $0 < lengths[axis] }) else {
      throw .malformed("has \(kept.count) conditions for \(lengths[axis]) elements")
    }
    var picks = [[Int]?](repeating: nil, count: lengths.count)
    picks[axis] = chosen
    return AxisPicks(picks)
  }
}
