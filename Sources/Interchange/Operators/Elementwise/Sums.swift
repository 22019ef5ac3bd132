import Basics
import Graphs
import Kernels

/// Functions of any number of values, taken two by two.
enum Sums {
  static let rules = [
    "Add": Arithmetic.pair(.add), "Sum": rule(.add), "Min": rule(.minimum), "Max": rule(.maximum),
    "Mean": OperatorRule(emit: mean, fold: foldedMean),
  ]

  private static func rule(_ function: PairFunction) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in
        [try reduce(function, &translator, node)]
      },
      fold: { (_, inputs) throws(Problem) in [try reduce(function, inputs)] })
  }

  /// Computed values come first, as a function of two constants would be none of a run.
  private static func reduce(
    _ function: PairFunction, _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> KnownValue {
    var values: [KnownValue] = []
    for index in node.inputs.indices { values.append(try node.input(index)) }
    values = values.filter { $0.constant == nil } + values.filter { $0.constant != nil }
    guard var result = values.first else { throw .malformed("reads nothing") }
    for (index, value) in values.enumerated().dropFirst() {
      let name = index == 1 ? node.name : translator.unique(node.name)
      result = .placed(try translator.pairwise(function, result, value, name))
    }
    return result
  }

  private static func reduce(
    _ function: PairFunction, _ inputs: [Constant?]
  ) throws(Problem) -> Constant {
    guard !inputs.isEmpty else { throw .malformed("reads nothing") }
    return try Arithmetic.elementwise(inputs, inputs.count) { element in
      (1..<inputs.count).reduce(element(0)) { function.value($0, element($1)) }
    }
  }

  private static func mean(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let sum = try reduce(.add, &translator, node)
    guard case .placed(let placed) = sum, node.inputs.count > 1 else { return [sum] }
    let op = Pairwise(.divide, constant: Double(node.inputs.count))
    return [.placed(try translator.changed(placed, by: op, translator.unique(node.name)))]
  }

  private static func foldedMean(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let sum = try reduce(.add, inputs)
    return [try Arithmetic.elementwise([sum], 1) { $0(0) / Double(inputs.count) }]
  }
}
