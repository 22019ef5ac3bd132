import Basics
import Formats

/// Arithmetic on constants, as exporters write it to compute dimensions.
enum Arithmetic {
  /// How each is computed.
  static let rules: [String: OperatorRule] = [
    "Sub": rule(2) { $0(0) - $0(1) }, "Mul": rule(2) { $0(0) * $0(1) },
    "Min": rule(2) { min($0(0), $0(1)) }, "Max": rule(2) { max($0(0), $0(1)) },
    "Neg": rule(1) { -$0(0) }, "Abs": rule(1) { abs($0(0)) },
    "Sqrt": rule(1) { $0(0).squareRoot() }, "Floor": rule(1) { $0(0).rounded(.down) },
    "Ceil": rule(1) { $0(0).rounded(.up) }, "Not": rule(1) { $0(0) == 0 ? 1 : 0 },
    "Equal": rule(2, .bool) { $0(0) == $0(1) ? 1 : 0 },
    "Less": rule(2, .bool) { $0(0) < $0(1) ? 1 : 0 },
    "Greater": rule(2, .bool) { $0(0) > $0(1) ? 1 : 0 },
    "Div": OperatorRule(fold: { (_, inputs) throws(Problem) in [try quotient(inputs)] }),
    "Where": OperatorRule(fold: { (_, inputs) throws(Problem) in
      var result = try elementwise(inputs, 3) { $0(0) != 0 ? $0(1) : $0(2) }
      result.element = inputs[1]?.element ?? result.element
      return [result]
    }),
  ]

  /// A rule for what is computed element by element.
  ///
  /// - Parameters:
  ///   - count: Number of inputs.
  ///   - element: The type of the result; nil for that of the first input.
  ///   - compute: Gives an element from those of the inputs, asked for by their place.
  /// - Returns: The rule.
  static func rule(
    _ count: Int, _ element: ModelFile.Element? = nil,
    _ compute: @escaping @Sendable ((Int) -> Double) -> Double
  ) -> OperatorRule {
    OperatorRule(fold: { (_, inputs) throws(Problem) in
      var result = try elementwise(inputs, count, compute)
      result.element = element ?? result.element
      return [result]
    })
  }

  /// Computes element by element; dimensions of 1 are repeated, as ONNX's broadcasting does.
  static func elementwise(
    _ inputs: [Constant?], _ count: Int, _ compute: ((Int) -> Double) -> Double
  ) throws(Problem) -> Constant {
    let given = inputs.compactMap { $0 }
    guard given.count == count, inputs.count == count, let first = given.first else {
      throw Problem(.malformed, "reads \(given.count) values, not \(count)")
    }
    let rank = given.map(\.dimensions.count).max() ?? 0
    let aligned = given.map { constant in
      [Int](repeating: 1, count: rank - constant.dimensions.count) + constant.dimensions
    }
    var dimensions = [Int](repeating: 1, count: rank)
    for (lengths, constant) in zip(aligned, given) {
      for place in 0..<rank where lengths[place] != dimensions[place] && lengths[place] != 1 {
        guard dimensions[place] == 1 else {
          throw Problem(
            .malformed, "combines \(first.dimensions) and \(constant.dimensions)")
        }
        dimensions[place] = lengths[place]
      }
    }
    let (own, steps) = (
      strides(dimensions),
      aligned.map { lengths in
        zip(lengths, strides(lengths)).map { $0 == 1 ? 0 : $1 }
      }
    )
    var values: [[Double]] = []
    for constant in given { values.append(try constant.doubles()) }
    return try Constant(first.element, dimensions) { index in
      compute { input in
        values[input][
          (0..<rank).reduce(0) { $0 + index / own[$1] % dimensions[$1] * steps[input][$1] }]
      }
    }
  }

  /// Elements from one index of a dimension to the next; at least 1.
  static func strides(_ dimensions: [Int]) -> [Int] {
    var (strides, stride) = (dimensions, 1)
    for place in dimensions.indices.reversed() {
      strides[place] = stride
      stride *= max(dimensions[place], 1)
    }
    return strides
  }

  /// Whole numbers divide as in C, towards zero.
  private static func quotient(_ inputs: [Constant?]) throws(Problem) -> Constant {
    let isWhole = inputs.allSatisfy { $0?.element.isInteger ?? false }
    let result = try elementwise(inputs, 2) {
      isWhole ? ($0(0) / $0(1)).rounded(.towardZero) : $0(0) / $0(1)
    }
    if isWhole, try result.doubles().contains(where: { !$0.isFinite }) {
      throw Problem(.malformed, "divides by 0")
    }
    return result
  }
}
