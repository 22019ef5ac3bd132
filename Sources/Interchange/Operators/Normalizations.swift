import Basics
import Graphs

/// Normalisation by statistics that are given.
enum Normalizations {
  /// How each is translated.
  static let rules = ["BatchNormalization": OperatorRule(emit: batchNorm)]

  @Sendable
  private static func batchNorm(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    guard try node.integer("training_mode", 0) == 0 else {
      throw Problem(.malformed, "is in training mode; export the model for inference")
    }
    let input = try node.placed(0)
    var placed = input
    if input.dimensions.count == 2 {
      placed.value = try translator.plain(input, node.name)
      placed.layout = .plain
    } else {
      placed = try translator.image(input, node.name)
    }
    let channels = [placed.dimensions[1].length ?? 0]
    // The graph's operator has one ε; another one is a part of the variance.
    let epsilon = try node.float("epsilon", 1e-5)
    let shift =
      epsilon == Float(BatchNormalization.epsilon)
      ? 0 : Double(epsilon) - BatchNormalization.epsilon
    let tensors: [(String, Parameter.Role)] = [
      ("scales", .normScale), ("shifts", .normShift), ("means", .runningMean),
      ("variances", .runningVariance),
    ]
    var inputs = [placed.value]
    for (place, (what, role)) in tensors.enumerated() {
      guard let constant = try node.constant(place + 1, what), constant.dimensions == channels
      else { throw Problem(.malformed, "has not one of its \(what) for each of \(channels[0])") }
      var change = ImportedWeights.Change()
      change.shift = role == .runningVariance ? shift : 0
      inputs.append(
        try translator.parameter(constant, shape: channels, role: role, change: change))
    }
    placed.value = try translator.builder.append(node.name, BatchNormalization(), inputs)[0]
    return [.placed(placed)]
  }
}
