import Basics
import Graphs
import Kernels

/// Functions of two numbers or three, element by element.
enum Arithmetic {
  static let rules: [String: OperatorRule] = [
    "Sub": pair(.subtract), "Mul": pair(.multiply), "Div": pair(.divide), "PRelu": pair(.leaky),
    "Equal": pair(.equal), "Less": pair(.less), "Greater": pair(.greater),
    "LessOrEqual": pair(.lessOrEqual), "GreaterOrEqual": pair(.greaterOrEqual),
    "And": pair(.and), "Or": pair(.or), "Xor": pair(.xor), "BitwiseAnd": pair(.and),
    "BitwiseOr": pair(.or), "BitwiseXor": pair(.xor),
    "BitShift": told(direction), "Mod": told(modulo),
    "Pow": OperatorRule(emit: power, fold: foldedPower),
    "Where": OperatorRule(emit: choice, fold: foldedChoice),
  ]

  /// A rule for a function of two values.
  static func pair(_ function: PairFunction) -> OperatorRule {
    told { (_) throws(Problem) in function }
  }

  /// The same for one that the node is told.
  private static func told(
    _ function: @escaping @Sendable (OperatorNode) throws(Problem) -> PairFunction
  ) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in
        let function = try function(node)
        try node.require(2)
        let (a, b) = (try node.input(0), try node.input(1))
        return [.placed(try translator.pairwise(function, a, b, node.name))]
      },
      fold: { (node, inputs) throws(Problem) in [try folded(function(node), inputs)] })
  }

  /// What a function of two constants gives.
  static func folded(
    _ function: PairFunction, _ inputs: [Constant?]
  ) throws(Problem) -> Constant {
    let isWhole = inputs.allSatisfy { $0?.element.isInteger ?? false }
    let divides = [.divide, .floorModulo, .truncatingModulo].contains(function)
    if isWhole, divides, let divisor = inputs.last ?? nil, try divisor.doubles().contains(0) {
      throw .malformed("divides by 0")
    }
    let own = function == .divide && isWhole ? .quotient : function
    var result = try elementwise(inputs, 2) { own.value($0(0), $0(1)) }
    if function.isComparison { result.element = .bool }
    return result
  }

  /// Computes element by element; dimensions of 1 are repeated, as ONNX's broadcasting does.
  static func elementwise(
    _ inputs: [Constant?], _ count: Int, _ compute: ((Int) -> Double) -> Double
  ) throws(Problem) -> Constant {
    let given = inputs.compactMap { $0 }
    guard given.count == count, inputs.count == count, let first = given.first else {
      throw .malformed("reads \(given.count) values, not \(count)")
    }
    let rank = given.map(\.dimensions.count).max() ?? 0
    let aligned = given.map { constant in
      [Int](repeating: 1, count: rank - constant.dimensions.count) + constant.dimensions
    }
    var dimensions = [Int](repeating: 1, count: rank)
    for (lengths, constant) in zip(aligned, given) {
      for place in 0..<rank where lengths[place] != dimensions[place] && lengths[place] != 1 {
        guard dimensions[place] == 1 else {
          throw .malformed("combines \(first.dimensions) and \(constant.dimensions)")
        }
        dimensions[place] = lengths[place]
      }
    }
    let steps = aligned.map { lengths in
      zip(lengths, strides(lengths)).map { $0 == 1 ? 0 : $1 }
    }
    var values: [[Double]] = []
    for constant in given { values.append(try constant.doubles()) }
    // Where the next element is, and where it is among each input's.
    var index = [Int](repeating: 0, count: rank)
    var places = [Int](repeating: 0, count: count)
    return try Constant(first.element, dimensions) { _ in
      let result = compute { values[$0][places[$0]] }
      for axis in dimensions.indices.reversed() {
        index[axis] += 1
        for input in places.indices { places[input] += steps[input][axis] }
        guard index[axis] == dimensions[axis] else { break }
        index[axis] = 0
        for input in places.indices { places[input] -= dimensions[axis] * steps[input][axis] }
      }
      return result
    }
  }

  /// Elements from one index of a dimension to the next; at least 1, while all can be counted.
  static func strides(_ dimensions: [Int]) -> [Int] {
    var (strides, stride) = (dimensions, 1)
    for place in dimensions.indices.reversed() {
      strides[place] = stride
      stride &*= max(dimensions[place], 1)
    }
    return strides
  }

  /// Remainders have the sign of the divisor, unless they shall be those of C.
  private static func modulo(_ node: OperatorNode) throws(Problem) -> PairFunction {
    try node.integer("fmod", 0) == 0 ? .floorModulo : .truncatingModulo
  }

  private static func direction(_ node: OperatorNode) throws(Problem) -> PairFunction {
    switch try node.text("direction", "") {
    case "LEFT": return .shiftLeft
    case "RIGHT": return .shiftRight
    case let other: throw .malformed("shifts in direction '\(other)'")
    }
  }

  /// Powers are computed in float32; those of whole numbers become whole numbers again.
  private static func power(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    try node.require(2)
    let (base, exponent) = (try node.input(0), try node.input(1))
    let element = try translator.element(of: [base])
    let result = try translator.pairwise(
      .power, translator.cast(base, to: .f32, node.name),
      translator.cast(exponent, to: .f32, node.name), node.name)
    return [try translator.cast(.placed(result), to: element, node.name)]
  }

  private static func foldedPower(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let isWhole = (inputs.first ?? nil)?.element.isInteger ?? false
    return [
      try elementwise(inputs, 2) {
        let power = PairFunction.power.value($0(0), $0(1))
        return isWhole ? power.rounded(.towardZero) : power
      }
    ]
  }

  private static func choice(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    try node.require(3)
    let (condition, a, b) = (try node.input(0), try node.input(1), try node.input(2))
    return [.placed(try translator.choice(condition, a, b, node.name))]
  }

  private static func foldedChoice(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    var result = try elementwise(inputs, 3) { $0(0) != 0 ? $0(1) : $0(2) }
    result.element = inputs[1]?.element ?? result.element
    return [result]
  }
}

extension OperatorNode {
  /// Refuses another number of inputs.
  func require(_ count: Int) throws(Problem) {
    guard inputs.count == count else {
      throw .malformed("reads \(inputs.count) values, not \(count)")
    }
  }
}
