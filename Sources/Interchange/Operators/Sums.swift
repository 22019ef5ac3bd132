import Basics
import Graphs

/// Sums of values.
enum Sums {
  /// How each is translated.
  static let rules = [
    "Add": OperatorRule(emit: add, fold: Arithmetic.rule(2) { $0(0) + $0(1) }.fold),
    "Sum": OperatorRule(emit: add),
  ]

  @Sendable
  private static func add(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    var sum = try node.placed(0)
    for index in node.inputs.indices.dropFirst() {
      let next = try node.placed(index)
      guard next.dimensions == sum.dimensions else {
        throw Problem(
          .malformed,
          "adds \(translator.lengths(next.dimensions)) to \(translator.lengths(sum.dimensions)); "
            + "supported are equal dimensions")
      }
      let values = try translator.inOneLayout(sum, next, node.name)
      let name = index == 1 ? node.name : translator.unique(node.name)
      sum.value = try translator.builder.append(name, Addition(), [values.a, values.b])[0]
      sum.layout = values.layout
    }
    return [.placed(sum)]
  }
}

extension Translator {
  /// Two values of equal dimensions, their elements in the same order.
  ///
  /// Images keep their channels innermost.
  mutating func inOneLayout(
    _ a: PlacedValue, _ b: PlacedValue, _ name: String
  ) throws(Problem) -> (a: Graph.Value, b: Graph.Value, layout: PlacedValue.Layout) {
    if a.layout == b.layout, builder[a.value].type == builder[b.value].type {
      return (a.value, b.value, a.layout)
    }
    if a.dimensions.count == 4 {
      return (try image(a, name).value, try image(b, name).value, .channelsLast)
    }
    return (try plain(a, name), try plain(b, name), .plain)
  }
}
