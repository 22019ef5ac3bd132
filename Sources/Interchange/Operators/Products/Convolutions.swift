import Basics
import Graphs
import Kernels

/// Convolutions over images, rows and volumes.
enum Convolutions {
  static let rules: [String: OperatorRule] = [
    "Conv": OperatorRule(emit: convolve), "ConvTranspose": OperatorRule(emit: transposed),
  ]

  private static func convolve(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    let shape = try filters(translator, node, placed)
    let lengths = Array(translator.lengths(placed.dimensions)[2...])
    let window = try SpatialWindow(node, size: Array(shape[2...]), lengths: lengths)
    let groups = try node.integer("group", 1)
    let given = node.inputs.indices.contains(2) ? node.inputs[2] : nil
    if let flat = window.overImage, let weights = try node.input(1).constant,
      given?.computed == nil
    {
      let bias = given?.constant
      guard bias.map({ $0.dimensions == [shape[0]] }) ?? true else {
        throw .malformed("has biases of \(bias?.dimensions ?? []) for \(shape[0]) filters")
      }
      let image = try translator.rowsOrImage(placed, node.name)
      let op = Convolution(
        filters: shape[0], window: PerAxis(flat.size), strides: PerAxis(flat.strides),
        paddings: flat.paddings, dilations: PerAxis(flat.dilations), groups: groups,
        hasBias: bias != nil)
      var inputs = [try translator.padded(image, flat.extra, node.name).value]
      let filters = try translator.parameter(
        weights, shape: Array(shape[..<2]) + flat.size, role: .filters,
        area: flat.size[0] * flat.size[1])
      inputs.append(filters)
      if let bias {
        inputs.append(try translator.parameter(bias, shape: [shape[0]], role: .bias))
      }
      let result = try translator.result(node.name, op, inputs, isImage: true)
      return [
        .placed(placed.dimensions.count == 3 ? try translator.rows(result, node.name) : result)
      ]
    }
    let axes = window.size.indices.map {
      LoopConvolution.Axis(
        stride: window.strides[$0], dilation: window.dilations[$0], before: window.before[$0],
        after: window.after[$0])
    }
    return try loops(&translator, node, LoopConvolution(axes: axes, groups: groups))
  }

  /// The dimensions of the filters, which fit the value that they slide over.
  private static func filters(
    _ translator: Translator, _ node: OperatorNode, _ placed: PlacedValue
  ) throws(Problem) -> [Int] {
    guard node.inputs.count > 1, let filters = node.inputs[1] else {
      throw .malformed("lacks its filters")
    }
    let shape =
      switch filters {
      case .constant(let constant): constant.dimensions
      case .placed(let placed): translator.lengths(placed.dimensions)
      }
    let rank = placed.dimensions.count
    guard (3...5).contains(rank), shape.count == rank else {
      throw .malformed(
        "has filters of dimensions \(shape) for \(rank); supported are as many, 3 to 5")
    }
    if let size = try node.integers("kernel_shape"), size != Array(shape[2...]) {
      throw .malformed("has a window of \(size), but filters of \(shape)")
    }
    return shape
  }

  /// What no fast kernel takes.
  private static func loops(
    _ translator: inout Translator, _ node: OperatorNode, _ op: LoopConvolution
  ) throws(Problem) -> [KnownValue] {
    var inputs: [Graph.Value] = []
    for index in node.inputs.indices where index < 2 || node.inputs[index] != nil {
      inputs.append(try translator.fixed(translator.operand(node, index), node.name, from: index))
    }
    return [.placed(try translator.result(node.name, op, inputs))]
  }

  private static func transposed(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    let shape = try filters(translator, node, placed)
    let lengths = Array(translator.lengths(placed.dimensions)[2...])
    let count = lengths.count
    let strides = try SpatialWindow.numbers(node, "strides", count, from: 1)
    let dilations = try SpatialWindow.numbers(node, "dilations", count, from: 1)
    let extra = try SpatialWindow.numbers(node, "output_padding", count, from: 0)
    let pads = try SpatialWindow.numbers(node, "pads", 2 * count, from: 0)
    let rule = try node.text("auto_pad", "NOTSET")
    guard ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(rule) else {
      throw .malformed("has auto_pad \(rule), which is not known")
    }
    var target = try node.integers("output_shape")
    if target == nil, rule.hasPrefix("SAME") {
      target = zip(lengths, strides).map { $0.multipliedReportingOverflow(by: $1).partialValue }
    }
    guard target?.count ?? count == count,
      target?.allSatisfy({ (1..<1 << 31).contains($0) }) ?? true,
      (shape[2...] + lengths).allSatisfy({ (1..<1 << 31).contains($0) })
    else { throw .malformed("has the output_shape \(target ?? [])") }
    let axes = (0..<count).map { index in
      var axis = LoopConvolution.Axis(
        stride: strides[index], dilation: dilations[index], extra: extra[index])
      guard let target else {
        if rule == "NOTSET" { (axis.before, axis.after) = (pads[index], pads[count + index]) }
        return axis
      }
      // What is too much is left out on both sides, what is missing is added behind.
      let whole =
        strides[index] * (lengths[index] - 1) + extra[index]
        + (shape[2 + index] - 1) * dilations[index] + 1
      let rest = max(whole - target[index], 0)
      axis.extra += max(target[index] - whole, 0)
      axis.before = rule == "SAME_UPPER" ? rest / 2 : rest - rest / 2
      axis.after = rest - axis.before
      return axis
    }
    let op = LoopConvolution(
      axes: axes, groups: try node.integer("group", 1), isTransposed: true)
    return try loops(&translator, node, op)
  }
}

extension Translator {
  /// Computed filters and biases, whose outermost dimension is no batch, whatever its length.
  fileprivate mutating func fixed(
    _ value: Graph.Value, _ name: String, from index: Int
  ) throws(Problem) -> Graph.Value {
    let own = builder[value].type.dimensions
    guard index > 0, own.contains(.batch) else { return value }
    let view = lengths(own).map { Dimension.fixed($0) }
    return try append(unique("\(name).fixed"), Reshape(view, images: batch), value)
  }

  /// An image with zeros around it; the same one for no border.
  mutating func padded(
    _ image: PlacedValue, _ border: ImageBorder, _ name: String
  ) throws(Problem) -> PlacedValue {
    guard !border.isEmpty else { return image }
    return try result(
      unique("\(name).pad"), ImagePadding(border), [image.value], isImage: true)
  }
}
