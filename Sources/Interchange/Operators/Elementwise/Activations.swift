import Basics
import Glibc
import Graphs
import Kernels

/// Functions of one number, done to each element alone, wherever it lies.
enum Activations {
  /// What a node computes.
  private typealias Function = @Sendable (OperatorNode) throws(Problem) -> PointwiseFunction

  static let rules: [String: OperatorRule] = {
    var rules = told.mapValues { rule($0) }
    for (name, function) in plain { rules[name] = rule { (_) throws(Problem) in function } }
    rules["Relu"] = OperatorRule(
      emit: rectified,
      fold: { (_, inputs) throws(Problem) in
        [try Arithmetic.elementwise(inputs, 1) { max($0(0), 0) }]
      })
    rules["Tanh"] = OperatorRule(
      emit: { (translator, node) throws(Problem) in
        try node.require(1)
        return [.placed(try translator.changed(node.placed(0), by: Tanh(), node.name))]
      },
      fold: { (_, inputs) throws(Problem) in
        [try Arithmetic.elementwise(inputs, 1) { tanh($0(0)) }]
      })
    rules["SwiGLU"] = OperatorRule(
      emit: { (translator, node) throws(Problem) in
        try node.require(2)
        let op = Pointwise(.swish(scale: try node.float("alpha", 1)))
        let gate = try translator.changed(
          node.placed(0), by: op, translator.unique("\(node.name).gate"))
        return [
          .placed(try translator.pairwise(.multiply, .placed(gate), node.input(1), node.name))
        ]
      })
    rules["Clip"] = OperatorRule(emit: clip, fold: foldedClip)
    return rules
  }()

  /// Those that are always the same function.
  private static let plain: [String: PointwiseFunction] = [
    "Sigmoid": .sigmoid, "HardSwish": .hardSwish, "Softplus": .softplus, "Softsign": .softsign,
    "Erf": .erf, "Mish": .mish, "Exp": .exponential, "Log": .logarithm, "Sqrt": .squareRoot,
    "Reciprocal": .reciprocal, "Neg": .negate, "Abs": .absolute, "Sign": .sign, "Floor": .floor,
    "Ceil": .ceiling, "Round": .round, "Sin": .sine, "Cos": .cosine, "Tan": .tangent,
    "Asin": .arcsine, "Acos": .arccosine, "Atan": .arctangent, "Sinh": .hyperbolicSine,
    "Cosh": .hyperbolicCosine, "Asinh": .areaSine, "Acosh": .areaCosine, "Atanh": .areaTangent,
    "IsNaN": .isNaN, "Not": .not, "BitwiseNot": .complement,
  ]

  /// Those that have attributes.
  private static let told: [String: Function] = [
    "Swish": { (node) throws(Problem) in .swish(scale: try node.float("alpha", 1)) },
    "LeakyRelu": { (node) throws(Problem) in .leaky(slope: try node.float("alpha", 0.01)) },
    "HardSigmoid": { (node) throws(Problem) in
      .hardSigmoid(slope: try node.float("alpha", 0.2), shift: try node.float("beta", 0.5))
    },
    "Elu": { (node) throws(Problem) in
      .exponentialLinear(scale: 1, factor: try node.float("alpha", 1), divisor: 1)
    },
    "Celu": { (node) throws(Problem) in
      let alpha = try node.float("alpha", 1)
      return .exponentialLinear(scale: 1, factor: alpha, divisor: alpha)
    },
    "Selu": { (node) throws(Problem) in
      .exponentialLinear(
        scale: try node.float("gamma", 1.0507010), factor: try node.float("alpha", 1.6732632),
        divisor: 1)
    },
    "ThresholdedRelu": { (node) throws(Problem) in .threshold(try node.float("alpha", 1)) },
    "Shrink": { (node) throws(Problem) in
      .shrink(threshold: try node.float("lambd", 0.5), bias: try node.float("bias", 0))
    },
    "Gelu": { (node) throws(Problem) in
      switch try node.text("approximate", "none") {
      case "none": return .gelu
      case "tanh": return .geluByTanh
      case let other: throw .malformed("approximates by \(other), which is not known")
      }
    },
    "IsInf": { (node) throws(Problem) in
      .isInfinite(
        negative: try node.integer("detect_negative", 1) != 0,
        positive: try node.integer("detect_positive", 1) != 0)
    },
  ]

  private static func rule(_ function: @escaping Function) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in
        try node.require(1)
        let op = Pointwise(try function(node))
        return [.placed(try translator.changed(node.placed(0), by: op, node.name))]
      },
      fold: { (node, inputs) throws(Problem) in
        let function = try function(node)
        var result = try Arithmetic.elementwise(inputs, 1) { function.value(at: $0(0)) }
        if function.output(of: .f32) == .bool { result.element = .bool }
        return [result]
      })
  }

  /// Of whole numbers, the greater of them and 0.
  private static func rectified(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    try node.require(1)
    let placed = try node.placed(0)
    let isFloat = translator.builder[placed.value].type.element == .f32
    let op: any Operator = isFloat ? ReLU() : Pairwise(.maximum, constant: 0)
    return [.placed(try translator.changed(placed, by: op, node.name))]
  }

  /// Bounds that are known are the function's own; all else is a maximum, and then a minimum.
  private static func clip(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    var value = try node.input(0)
    let bounds = try bounds(node)
    if case .placed(let placed) = value, bounds.allSatisfy({ $0 == nil || $0?.constant != nil }),
      translator.builder[placed.value].type.element == .f32
    {
      let op = Pointwise(try function(bounds.map { $0?.constant }))
      return [.placed(try translator.changed(placed, by: op, node.name))]
    }
    for (bound, function) in zip(bounds, [PairFunction.maximum, .minimum]) {
      guard let bound else { continue }
      let name = translator.unique("\(node.name).\(function)")
      value = .placed(try translator.pairwise(function, value, bound, name))
    }
    return [value]
  }

  private static func foldedClip(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let function = try function(bounds(node).map { $0?.constant })
    return [try Arithmetic.elementwise(Array(inputs.prefix(1)), 1) { function.value(at: $0(0)) }]
  }

  /// The least and the greatest value: attributes up to version 10, inputs from 11 on.
  private static func bounds(_ node: OperatorNode) throws(Problem) -> [KnownValue?] {
    var bounds: [KnownValue?] = []
    for (index, name) in ["min", "max"].enumerated() {
      if node.node[name] != nil {
        let number = Double(try node.float(name, 0))
        bounds.append(.constant(try Constant(.float32, []) { _ in number }))
      } else {
        bounds.append(node.inputs.dropFirst(index + 1).first ?? nil)
      }
    }
    return bounds
  }

  private static func function(_ bounds: [Constant?]) throws(Problem) -> PointwiseFunction {
    var numbers: [Float] = [-.infinity, .infinity]
    for (index, bound) in bounds.enumerated() {
      guard let bound else { continue }
      guard bound.dimensions.allSatisfy({ $0 == 1 }) else {
        throw .malformed("has bounds of \(bound.dimensions); supported are single numbers")
      }
      numbers[index] = Float(try bound.doubles()[0])
    }
    return .clip(least: numbers[0], most: numbers[1])
  }
}
