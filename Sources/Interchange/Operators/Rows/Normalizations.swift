import Basics
import Graphs
import Tensors

/// Normalisation by statistics that are given.
enum Normalizations {
  static let rules = ["BatchNormalization": OperatorRule(emit: batchNorm)]

  private static func batchNorm(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    guard try node.integer("training_mode", 0) == 0 else {
      throw .malformed("is in training mode; export the model for inference")
    }
    let input = try node.placed(0)
    var placed = input
    if input.dimensions.count == 2 {
      placed.value = try translator.plain(input, node.name)
      placed.layout = .plain
    } else {
      placed = try translator.image(asImage(&translator, input, node.name), node.name)
    }
    let channels = [placed.dimensions[1].length ?? 0]
    let epsilon = try node.decimal("epsilon", 1e-5)
    guard epsilon >= 0 else { throw .malformed("adds \(epsilon) to variances") }
    let tensors: [(String, Parameter.Role)] = [
      ("scales", .normScale), ("shifts", .normShift), ("means", .runningMean),
      ("variances", .runningVariance),
    ]
    var inputs = [placed.value]
    for (place, (what, role)) in tensors.enumerated() {
      guard let constant = try node.constant(place + 1, what), constant.dimensions == channels
      else { throw .malformed("has not one of its \(what) for each of \(channels[0])") }
      inputs.append(try translator.parameter(constant, shape: channels, role: role))
    }
    let op = BatchNormalization(epsilon: epsilon)
    placed.value = try translator.builder.append(node.name, op, inputs)[0]
    return [
      .placed(
        try translator.reshaped(
          placed, to: input.dimensions, translator.unique("\(node.name).view")))
    ]
  }

  /// A value with pixels along one axis, or along three and more, as an image one pixel wide.
  private static func asImage(
    _ translator: inout Translator, _ input: PlacedValue, _ name: String
  ) throws(Problem) -> PlacedValue {
    let pixels = input.dimensions.dropFirst(2).compactMap(\.length)
    guard input.dimensions.count > 2, input.dimensions.count != 4,
      pixels.count == input.dimensions.count - 2, let shape = Shape(pixels)
    else { return input }
    return try translator.reshaped(
      input, to: input.dimensions[..<2] + [.fixed(shape.count), 1],
      translator.unique("\(name).image"))
  }
}
