import Basics
import Graphs
import Kernels

/// Convolutions over images, and the zeros around them.
enum Convolutions {
  /// How each is translated.
  static let rules = [
    "Conv": OperatorRule(emit: convolve), "Pad": OperatorRule(emit: pad),
  ]

  @Sendable
  private static func convolve(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let image = try translator.image(node.placed(0), node.name)
    guard let weights = try node.constant(1, "filters") else {
      throw Problem(.malformed, "lacks its filters")
    }
    let shape = weights.dimensions
    guard shape.count == 4 else {
      throw Problem(.malformed, "has filters of dimensions \(shape); supported are 4")
    }
    if let size = try node.integers("kernel_shape"), size != Array(shape[2...]) {
      throw Problem(.malformed, "has a window of \(size), but filters of \(shape)")
    }
    let window = try SpatialWindow(node, size: Array(shape[2...]), image: image.dimensions)
    let bias = try node.constant(2, "biases")
    guard bias.map({ $0.dimensions == [shape[0]] }) ?? true else {
      throw Problem(.malformed, "has biases of \(bias?.dimensions ?? []) for \(shape[0]) filters")
    }
    let op = Convolution(
      filters: shape[0], window: window.size, strides: window.strides, paddings: window.paddings,
      dilations: window.dilations, groups: try node.integer("group", 1), hasBias: bias != nil)
    var inputs = [try translator.padded(image, window.extra, node.name).value]
    let filters = try translator.parameter(
      weights, shape: shape, role: .filters, area: shape[2] * shape[3])
    inputs.append(filters)
    if let bias { inputs.append(try translator.parameter(bias, shape: [shape[0]], role: .bias)) }
    return [.placed(try translator.channelsLast(node.name, op, inputs))]
  }

  /// Zeros around images; other values, and other dimensions, are not supported.
  @Sendable
  private static func pad(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let image = try translator.image(node.placed(0), node.name)
    var given = try node.integers("pads")
    if given == nil { given = try node.constant(1, "pads")?.integers("a pad") }
    let value =
      if let constant = try node.constant(2, "values") {
        try constant.doubles().first ?? 0
      } else {
        Double(try node.float("value", 0))
      }
    let axes = try node.constant(3, "axes")
    guard try node.text("mode", "constant") == "constant", value == 0, axes == nil, let given,
      given.count == 8, given.allSatisfy({ (0..<1 << 31).contains($0) }),
      [0, 1, 4, 5].allSatisfy({ given[$0] == 0 })
    else {
      throw Problem(.malformed, "adds something else than zeros around an image")
    }
    let border = ImageBorder(top: given[2], left: given[3], bottom: given[6], right: given[7])
    return [.placed(try translator.padded(image, border, node.name))]
  }
}

extension Translator {
  /// An image with zeros around it; the same one for no border.
  mutating func padded(
    _ image: PlacedValue, _ border: ImageBorder, _ name: String
  ) throws(Problem) -> PlacedValue {
    guard !border.isEmpty else { return image }
    return try channelsLast(unique("\(name).pad"), ImagePadding(border), [image.value])
  }

  /// Appends an operator that gives an image.
  mutating func channelsLast(
    _ name: String, _ op: some Operator, _ inputs: [Graph.Value]
  ) throws(Problem) -> PlacedValue {
    let value = try builder.append(name, op, inputs)[0]
    let own = builder[value].type.dimensions
    return PlacedValue(
      value: value, dimensions: [own[0], own[3], own[1], own[2]], layout: .channelsLast)
  }
}
