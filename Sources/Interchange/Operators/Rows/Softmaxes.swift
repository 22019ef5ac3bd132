import Basics
import Graphs

/// Shares of 1 along an axis.
enum Softmaxes {
  static let rules = [
    "Softmax": rule(.shares), "LogSoftmax": rule(.logarithms), "Hardmax": rule(.largest),
  ]

  private static func rule(_ form: Softmax.Form) -> OperatorRule {
    OperatorRule(emit: { (translator, node) throws(Problem) in
      [.placed(try emit(&translator, node, form))]
    })
  }

  private static func emit(
    _ translator: inout Translator, _ node: OperatorNode, _ form: Softmax.Form
  ) throws(Problem) -> PlacedValue {
    let isOfRows = translator.version < 13
    var placed = try translator.along(node.placed(0), node.name)
    let rank = placed.dimensions.count
    let axis = try node.axis(node.integer("axis", isOfRows ? 1 : -1), rank: rank)
    let lengths = translator.lengths(placed.dimensions)
    guard isOfRows, lengths[(axis + 1)...].contains(where: { $0 != 1 }) else {
      let op = Softmax(axis: placed.graphAxis(axis), form: form)
      return try translator.changed(placed, by: op, node.name)
    }
    // Before version 13 all dimensions from the axis on are one.
    placed = try translator.inOrder(placed, node.name)
    guard axis > 0 || !placed.dimensions.contains(.batch) else {
      throw .malformed("takes the items of a batch together, which is not supported")
    }
    let behind = lengths[axis...].reduce(1, *)
    let joined = try translator.reshaped(
      placed, to: placed.dimensions[..<axis] + [.fixed(behind)],
      translator.unique("\(node.name).rows"))
    let shares = try translator.changed(joined, by: Softmax(axis: axis, form: form), node.name)
    return try translator.reshaped(
      shares, to: placed.dimensions, translator.unique("\(node.name).view"))
  }
}
