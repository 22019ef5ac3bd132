import Basics
import Formats
import Graphs
import Tensors

/// What leaves numbers as they are, and what only changes their type.
enum Types {
  static let rules = [
    "Identity": OperatorRule(
      emit: { (_, node) throws(Problem) in [try node.input(0)] },
      fold: { (_, inputs) throws(Problem) in [try inputs.input(0)] }),
    "Dropout": OperatorRule(
      emit: dropout, fold: { (_, inputs) throws(Problem) in [try inputs.input(0)] }),
    "Cast": OperatorRule(
      emit: { (translator, node) throws(Problem) in
        [try cast(&translator, node, to: target(node))]
      },
      fold: { (node, inputs) throws(Problem) in [try cast(inputs, to: target(node))] }),
    "CastLike": OperatorRule(
      emit: { (translator, node) throws(Problem) in
        try node.require(2)
        switch try node.input(1) {
        case .constant(let other): return [try cast(&translator, node, to: other.element)]
        case .placed(let other):
          let element = translator.builder[other.value].type.element
          return [try translator.cast(node.input(0), to: element, node.name)]
        }
      },
      fold: { (_, inputs) throws(Problem) in
        [try cast(inputs, to: inputs.input(1).element)]
      }),
  ]

  /// Nothing, in inference: every element is kept, as the mask says if it is wanted.
  private static func dropout(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let mode = try node.constant(2, "modes")?.doubles().first ?? 0
    if mode != 0, try node.constant(1, "ratios")?.doubles().first ?? 0.5 != 0 {
      throw .malformed("is in training mode; export the model for inference")
    }
    let input = try node.input(0)
    guard let mask = node.node.outputs.dropFirst().first, translator.structure.isWanted(mask),
      case .placed(let placed) = input
    else { return [input] }
    let lengths = translator.lengths(placed.dimensions)
    return [input, .constant(try Constant(.bool, lengths, filledWith: 1))]
  }

  private static func cast(
    _ translator: inout Translator, _ node: OperatorNode, to type: ModelFile.Element
  ) throws(Problem) -> KnownValue {
    guard type == .float32 || !type.isFloat, let element = type.runtime else {
      throw .malformed(
        "changes the type of computed values to \(type.name), which is not supported")
    }
    return try translator.cast(node.input(0), to: element, node.name)
  }

  private static func cast(
    _ inputs: [Constant?], to type: ModelFile.Element
  ) throws(Problem) -> Constant {
    var constant = try inputs.input(0)
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
    else { throw .malformed("names a type that has no numbers here") }
    return type
  }
}

extension Translator {
  /// A computed value in another type; constants take that of whoever reads them.
  mutating func cast(
    _ value: KnownValue, to element: DType, _ name: String
  ) throws(Problem) -> KnownValue {
    guard case .placed(let placed) = value, builder[placed.value].type.element != element else {
      return value
    }
    return .placed(
      try changed(placed, by: ElementCast(to: element), unique("\(name).cast")))
  }
}
