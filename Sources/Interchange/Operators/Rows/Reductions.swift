import Basics
import Graphs
import Kernels

/// One number from all elements that differ in some axes only.
enum Reductions {
  static let rules = [
    "ReduceMean": rule(.mean), "ReduceSum": rule(.sum), "ReduceMax": rule(.max),
    "ReduceMin": rule(.min), "ReduceProd": rule(.product), "ReduceL1": rule(.l1),
    "ReduceL2": rule(.l2), "ReduceLogSum": rule(.logSum), "ReduceLogSumExp": rule(.logSumExp),
    "ReduceSumSquare": rule(.sumSquare),
  ]

  private static func rule(_ kind: AxisReduction.Kind) -> OperatorRule {
    OperatorRule(
      emit: { (translator, node) throws(Problem) in
        [.placed(try emit(&translator, node, kind))]
      },
      fold: { (node, inputs) throws(Problem) in
        let constant = try inputs.input(0)
        let axes = try axes(node, rank: constant.dimensions.count)
        let op = Reduction(
          kind, axes: axes, keepsDimensions: try node.integer("keepdims", 1) != 0)
        let tensor = op.reference([try constant.reference()])[0]
        return [try Constant(constant.element, tensor)]
      })
  }

  /// The axes that go: all where none are named, unless that is to say that none do.
  private static func axes(_ node: OperatorNode, rank: Int) throws(Problem) -> [Int] {
    let named = try node.axes(input: 1, rank: rank) ?? []
    guard named.isEmpty, try node.integer("noop_with_empty_axes", 0) == 0 else { return named }
    return Array(0..<rank)
  }

  private static func emit(
    _ translator: inout Translator, _ node: OperatorNode, _ kind: AxisReduction.Kind
  ) throws(Problem) -> PlacedValue {
    var placed = try translator.along(node.placed(0), node.name)
    let rank = placed.dimensions.count
    let axes = try axes(node, rank: rank)
    let keeps = try node.integer("keepdims", 1) != 0
    if kind == .mean, keeps, axes.count == 1,
      let norm = try NormPattern.translate(&translator, node, placed, axis: axes[0])
    {
      return norm
    }
    if kind == .mean, placed.layout == .channelsLast, axes == [2, 3] {
      let mean = try translator.result(
        node.name, AdaptiveAveragePooling(side: 1), [placed.value], isImage: true)
      return keeps
        ? mean
        : try translator.reshaped(
          mean, to: Array(mean.dimensions[..<2]), translator.unique("\(node.name).view"))
    }
    // Where what stays of an image would be in another order than the model has it.
    let left = (0..<rank).filter { !axes.contains($0) }.map { placed.graphAxis($0) }
    if !keeps, left != left.sorted() { placed = try translator.inOrder(placed, node.name) }
    let op = Reduction(
      kind, axes: axes.map { placed.graphAxis($0) }.sorted(), keepsDimensions: keeps)
    let value = try translator.append(node.name, op, placed.value)
    let dimensions = placed.dimensions.enumerated().compactMap { axis, dimension in
      axes.contains(axis) ? (keeps ? Dimension.fixed(1) : nil) : dimension
    }
    return PlacedValue(
      value: value, dimensions: dimensions, layout: keeps ? placed.layout : .plain)
  }
}
