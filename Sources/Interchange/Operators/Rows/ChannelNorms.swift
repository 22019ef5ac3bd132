import Basics
import Graphs

/// Normalisation of images by their own statistics, and of what is near along the channels.
enum ChannelNorms {
  static let rules = [
    "GroupNormalization": OperatorRule(emit: group),
    "InstanceNormalization": OperatorRule(emit: group), "LRN": OperatorRule(emit: response),
    "LpNormalization": OperatorRule(emit: norm),
    "MeanVarianceNormalization": OperatorRule(emit: deviation),
  ]

  /// Groups of channels, or each channel on its own.
  private static func group(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    guard try node.integer("stash_type", 1) == 1 else {
      throw .malformed("computes in another type than float32, which is not supported")
    }
    var placed = try translator.along(node.placed(0), node.name)
    guard placed.dimensions.count >= 2, let channels = placed.dimensions[1].length else {
      throw .malformed("reads a value without channels")
    }
    let isInstance = node.node.operation == "InstanceNormalization"
    let groups = isInstance ? channels : try node.integer("num_groups", 0)
    guard groups > 0, channels % groups == 0 else {
      throw .malformed("has \(groups) groups of \(channels) channels")
    }
    var inputs = [placed.value]
    for (index, role) in [(1, Parameter.Role.normScale), (2, .normShift)] {
      let lengths = try node.lengths(index, translator)
      if lengths == [channels] {
        inputs.append(try translator.operand(index, of: node, role: role))
      } else if lengths == [groups], let constant = try node.input(index).constant {
        // Before version 21 there is one number a group.
        let values = try constant.doubles()
        var all = try Constant(constant.element, [channels]) { values[$0 / (channels / groups)] }
        all.name = constant.name
        inputs.append(try translator.parameter(all, shape: [channels], role: role))
      } else {
        throw .malformed(
          "scales \(channels) channels by \(lengths); supported is one number a channel")
      }
    }
    let op = GroupNormalization(
      groups: groups, epsilon: try node.decimal("epsilon", 1e-5),
      isChannelsLast: placed.layout == .channelsLast)
    placed.value = try translator.builder.append(node.name, op, inputs)[0]
    return [.placed(placed)]
  }

  private static func response(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try translator.along(node.placed(0), node.name)
    guard placed.dimensions.count >= 2 else { throw .malformed("reads a value without channels") }
    let op = ResponseNormalization(
      axis: placed.graphAxis(1), size: try node.integer("size", 0),
      alpha: try node.float("alpha", 1e-4), beta: try node.float("beta", 0.75),
      bias: try node.float("bias", 1))
    return [.placed(try translator.changed(placed, by: op, node.name))]
  }

  private static func norm(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try translator.along(node.placed(0), node.name)
    let axis = try node.axis(node.integer("axis", -1), rank: placed.dimensions.count)
    let power = try node.integer("p", 2)
    guard power == 1 || power == 2 else {
      throw .malformed("has p \(power); supported are 1 and 2")
    }
    let op = SpreadDivision(power == 1 ? .l1 : .l2, axes: [placed.graphAxis(axis)])
    return [.placed(try translator.changed(placed, by: op, node.name))]
  }

  private static func deviation(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try translator.along(node.placed(0), node.name)
    let axes = try node.axes(node.integers("axes") ?? [0, 2, 3], rank: placed.dimensions.count)
    guard Set(axes).count == axes.count else { throw .malformed("names an axis twice") }
    let op = SpreadDivision(.deviation, axes: axes.map { placed.graphAxis($0) }.sorted())
    return [.placed(try translator.changed(placed, by: op, node.name))]
  }
}
