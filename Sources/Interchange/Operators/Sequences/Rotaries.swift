import Basics
import Graphs

/// Positions of rows as angles by which pairs of floats are turned, of version 23 and later.
enum Rotaries {
  static let rules = ["RotaryEmbedding": OperatorRule(emit: rotary)]

  private static func rotary(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    let placed = try node.placed(0)
    var op = RotaryPositions()
    op.heads = try node.integer("num_heads", 0)
    op.turned = try node.integer("rotary_embedding_dim", 0)
    op.isInterleaved = try node.integer("interleaved", 0) != 0
    op.hasPositions = node.has(3)
    guard (0..<1 << 31).contains(op.heads), (0..<1 << 31).contains(op.turned) else {
      throw .malformed("turns \(op.turned) floats of \(op.heads) heads")
    }
    var inputs = [try translator.plain(placed, node.name)]
    for index in 1...2 {
      inputs.append(try translator.operand(index, of: node, role: .bias))
    }
    if op.hasPositions { inputs.append(try translator.plain(node.placed(3), node.name)) }
    let value = try translator.builder.append(node.name, op, inputs)[0]
    return [.placed(PlacedValue(value: value, dimensions: placed.dimensions))]
  }
}
