import Basics
import Graphs

/// What goes along one axis: extremes, the first few in order, running sums.
enum Lines {
  static let rules = [
    "ArgMax": extreme(isSmallest: false), "ArgMin": extreme(isSmallest: true),
    "TopK": OperatorRule(emit: selection),
    "CumSum": OperatorRule(emit: runningSum, fold: foldedSum),
  ]

  private static func extreme(isSmallest: Bool) -> OperatorRule {
    OperatorRule(emit: { (translator, node) throws(Problem) in
      var placed = try translator.along(node.placed(0), node.name)
      let rank = placed.dimensions.count
      let axis = try node.axis(node.integer("axis", 0), rank: rank)
      let keeps = try node.integer("keepdims", 1) != 0
      if placed.layout == .channelsLast, !keeps, axis != 1 {
        placed = try translator.inOrder(placed, node.name)
      }
      let op = LineExtreme(
        axis: placed.graphAxis(axis), isSmallest: isSmallest,
        takesLast: try node.integer("select_last_index", 0) != 0, keepsDimensions: keeps)
      placed.value = try translator.append(node.name, op, placed.value)
      if keeps {
        placed.dimensions[axis] = 1
      } else {
        placed.dimensions.remove(at: axis)
        placed.layout = .plain
      }
      return [.placed(placed)]
    })
  }

  private static func selection(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try translator.along(node.placed(0), node.name)
    let axis = try node.axis(node.integer("axis", -1), rank: placed.dimensions.count)
    // An attribute up to version 9, an input from 10 on.
    let counts =
      translator.version < 10
      ? [try node.integer("k", 0)]
      : try node.constant(1, "numbers of elements")?.integers("a number of elements") ?? []
    guard let count = counts.first, counts.count == 1 else {
      throw .malformed("lacks the number of its elements")
    }
    let op = LineSelection(
      axis: placed.graphAxis(axis), count: count, isSmallest: try node.integer("largest", 1) == 0)
    var dimensions = placed.dimensions
    dimensions[axis] = .fixed(count)
    return try translator.builder.append(node.name, op, [placed.value]).map { value in
      .placed(PlacedValue(value: value, dimensions: dimensions, layout: placed.layout))
    }
  }

  private static func runningSum(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try translator.along(node.placed(0), node.name)
    var op = try sum(node, rank: placed.dimensions.count)
    op.axis = placed.graphAxis(op.axis)
    return [.placed(try translator.changed(placed, by: op, node.name))]
  }

  private static func foldedSum(
    _ node: OperatorNode, _ inputs: [Constant?]
  ) throws(Problem) -> [Constant] {
    let constant = try inputs.input(0)
    let op = try sum(node, rank: constant.dimensions.count)
    return [try Constant(constant.element, op.reference([try constant.reference()])[0])]
  }

  private static func sum(_ node: OperatorNode, rank: Int) throws(Problem) -> RunningSum {
    guard let constant = try node.constant(1, "axes"), constant.count == 1,
      let axis = try constant.integers("an axis").first
    else { throw .malformed("lacks its axis") }
    return RunningSum(
      axis: try node.axis(axis, rank: rank), isExclusive: try node.integer("exclusive", 0) != 0,
      isReversed: try node.integer("reverse", 0) != 0)
  }
}
