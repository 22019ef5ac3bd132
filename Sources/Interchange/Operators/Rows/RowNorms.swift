import Basics
import Graphs

/// Normalisation of what lies behind an axis by its own statistics.
enum RowNorms {
  static let rules = [
    "LayerNormalization": rule(centres: true), "RMSNormalization": rule(centres: false),
    "SimplifiedLayerNormalization": rule(centres: false),
  ]

  private static func rule(centres: Bool) -> OperatorRule {
    OperatorRule(emit: { (translator, node) throws(Problem) in
      try emit(&translator, node, centres: centres)
    })
  }

  private static func emit(
    _ translator: inout Translator, _ node: OperatorNode, centres: Bool
  ) throws(Problem) -> [KnownValue] {
    guard try node.integer("stash_type", 1) == 1 else {
      throw .malformed("computes in another type than float32, which is not supported")
    }
    let placed = try node.placed(0)
    let dimensions = placed.dimensions
    let axis = try node.axis(node.integer("axis", -1), rank: dimensions.count)
    let behind = translator.lengths(Array(dimensions[axis...]))
    guard axis > 0 || !dimensions.contains(.batch) else {
      throw .malformed("takes the items of a batch together, which is not supported")
    }
    let epsilon = try node.decimal("epsilon", 1e-5)
    guard epsilon >= 0 else { throw .malformed("adds \(epsilon) to variances") }
    var inputs = [try translator.plain(placed, node.name)]
    let hasShift = centres && node.has(2)
    for (index, role) in [(1, Parameter.Role.normScale), (2, .normShift)]
    where index == 1 || hasShift {
      let lengths = try node.lengths(index, translator)
      // Leading ones are left out; the rest has to be one number for each element of a row.
      guard Array(lengths.drop { $0 == 1 }) == Array(behind.drop { $0 == 1 }) else {
        throw .malformed("scales \(behind) by \(lengths); supported is one number for each element")
      }
      inputs.append(try translator.operand(index, of: node, role: role, as: behind))
    }
    let wantsStatistics = node.wants(1, translator) || node.wants(2, translator)
    let op = LayerNormalization(
      axis: axis, epsilon: epsilon, centres: centres, hasShift: hasShift,
      givesStatistics: wantsStatistics)
    let values = try translator.builder.append(node.name, op, inputs)
    let rows = dimensions[..<axis] + dimensions[axis...].map { _ in 1 }
    let results = values.enumerated().map { index, value in
      KnownValue.placed(
        PlacedValue(value: value, dimensions: index == 0 ? dimensions : Array(rows)))
    }
    // What takes no mean out gives none.
    return centres ? results : results.indices.filter { $0 != 1 }.map { results[$0] }
  }
}
