import Basics
import Formats
import Graphs

/// What is done to each element alone, wherever it lies.
enum Activations {
  /// How each is translated.
  static let rules = [
    "Relu": OperatorRule(emit: each(ReLU()), fold: Arithmetic.rule(1) { max($0(0), 0) }.fold),
    "Tanh": OperatorRule(emit: each(Tanh())),
    "Identity": OperatorRule(
      emit: same, fold: { (_, inputs) throws(Problem) in [try first(inputs)] }),
    "Dropout": OperatorRule(
      emit: dropout, fold: { (_, inputs) throws(Problem) in [try first(inputs)] }),
    "Cast": OperatorRule(
      emit: cast, fold: { (node, inputs) throws(Problem) in [try cast(node, inputs)] }),
  ]

  /// Appends an operator that takes each element alone.
  private static func each(
    _ op: some Operator
  ) -> @Sendable (inout Translator, OperatorNode) throws(Problem) -> [KnownValue] {
    { (translator, node) throws(Problem) in
      var placed = try node.placed(0)
      placed.value = try translator.append(node.name, op, placed.value)
      return [.placed(placed)]
    }
  }

  @Sendable
  private static func same(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] { [try node.input(0)] }

  /// Nothing, in inference.
  @Sendable
  private static func dropout(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    if let mode = try node.constant(2, "modes"), try mode.doubles().contains(where: { $0 != 0 }) {
      throw Problem(.malformed, "is in training mode; export the model for inference")
    }
    return [try node.input(0)]
  }

  /// From float32 to float32, which is nothing.
  @Sendable
  private static func cast(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    guard try target(node) == .float32, translator.builder[placed.value].type.element == .f32 else {
      throw Problem(.malformed, "changes the type of computed values, which is not supported")
    }
    return [.placed(placed)]
  }

  private static func cast(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> Constant {
    var constant = try first(inputs)
    let type = try target(node)
    guard type != constant.element else { return constant }
    let values = try constant.doubles()
    constant.source = .computed(
      values.map { value in
        if type == .bool { return value == 0 ? 0 : 1 }
        if type.isInteger { return value.rounded(.towardZero) }
        return type == .float64 ? value : Double(Float(value))
      })
    constant.element = type
    return constant
  }

  private static func target(_ node: OperatorNode) throws(Problem) -> ModelFile.Element {
    guard let type = ModelFile.Element(rawValue: try node.integer("to", 0)), type.numbers != nil
    else { throw Problem(.malformed, "names a type that has no numbers here") }
    return type
  }

  private static func first(_ inputs: [Constant?]) throws(Problem) -> Constant {
    guard let constant = inputs.first ?? nil else { throw Problem(.malformed, "lacks its input") }
    return constant
  }
}
