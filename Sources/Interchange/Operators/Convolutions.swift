import Basics
import Graphs
import Kernels

/// Convolutions over images.
enum Convolutions {
  /// How each is translated.
  static let rules = ["Conv": OperatorRule(emit: convolve)]

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
    var inputs = [image.value]
    let filters = try translator.parameter(
      weights, shape: shape, role: .filters, area: shape[2] * shape[3])
    inputs.append(filters)
    if let bias { inputs.append(try translator.parameter(bias, shape: [shape[0]], role: .bias)) }
    return [.placed(try translator.channelsLast(node.name, op, inputs))]
  }
}

extension Translator {
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
