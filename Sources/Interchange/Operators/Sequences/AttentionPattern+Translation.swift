import Basics
import Formats
import Graphs

extension AttentionPattern {
  /// The result of a product that ends attention.
  ///
  /// - Parameters:
  ///   - translator: Takes the operator.
  ///   - node: A `MatMul`.
  /// - Returns: nil where it ends none, or one that cannot be one operator.
  /// - Throws: What a sound pattern does not.
  static func translate(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> PlacedValue? {
    guard let pattern = AttentionPattern(translator, node) else { return nil }
    var operands: [PlacedValue] = []
    for name in [pattern.queries, pattern.keys, pattern.values] {
      guard case .placed(let placed)? = translator.known[name], placed.dimensions.count == 4,
        placed.dimensions.dropFirst().allSatisfy({ $0.length != nil }),
        translator.builder[placed.value].type.element == .f32
      else { return nil }
      operands.append(placed)
    }
    let lengths = operands.map { translator.lengths($0.dimensions) }
    let (head, row) = pattern.liesByRows ? (2, 1) : (1, 2)
    guard operands.allSatisfy({ $0.dimensions[0] == operands[0].dimensions[0] }),
      lengths[1][head] == lengths[2][head], lengths[1][row] == lengths[2][row],
      lengths[0][3] == lengths[1][3], [1, lengths[0][head]].contains(lengths[1][head])
    else { return nil }
    let scores = [lengths[0][0], lengths[0][head], lengths[0][row], lengths[1][row]]
    guard pattern.mask.map({ fits($0, scores, operands[0], translator) }) ?? true else {
      return nil
    }
    var op = HeadAttention()
    op.rule.scale = pattern.scale
    if pattern.liesByRows { (op.heads, op.keyHeads) = (lengths[0][2], lengths[1][2]) }
    var inputs: [Graph.Value] = []
    for (operand, own) in zip(operands, lengths) {
      let inOrder = try translator.inOrder(operand, node.name)
      let flat = operand.dimensions[..<2] + [.fixed(own[2] * own[3])]
      inputs.append(
        try translator.reshaped(
          inOrder, to: pattern.liesByRows ? Array(flat) : operand.dimensions,
          translator.unique("\(node.name).heads")
        ).value)
    }
    if let mask = pattern.mask {
      op.hasMask = true
      switch translator.known[mask] {
      case .constant(let constant)?:
        inputs.append(
          try translator.parameter(constant, shape: constant.dimensions, role: .bias))
      case .placed(let placed)?: inputs.append(try translator.plain(placed, node.name))
      case nil: return nil
      }
    }
    let value = try translator.builder.append(node.name, op, inputs)[0]
    guard pattern.liesByRows else {
      return PlacedValue(
        value: value, dimensions: translator.builder[value].type.dimensions)
    }
    return try turned(&translator, node, value, heads: lengths[0][2])
  }

  /// The result with its heads before its rows, unless the one node that reads it turns them back.
  private static func turned(
    _ translator: inout Translator, _ node: OperatorNode, _ value: Graph.Value, heads: Int
  ) throws(Problem) -> PlacedValue {
    let own = translator.builder[value].type.dimensions
    let dimensions = own[..<2] + [.fixed(heads), .fixed((own[2].length ?? 0) / heads)]
    let rows = try translator.reshaped(
      PlacedValue(value: value, dimensions: own), to: Array(dimensions),
      translator.unique("\(node.name).rows"))
    let order: [Int64] = [0, 2, 1, 3]
    if let output = node.node.outputs.first, let index = translator.structure.onlyReader(output) {
      let next = translator.structure.nodes[index]
      if next.operation == "Transpose", ModelFile.isOwn(next.domain),
        case .integers(order)? = next["perm"], let name = next.outputs.first
      {
        translator.taken.insert(index)
        translator.known[name] = .placed(rows)
        return rows
      }
    }
    let result = try translator.append(
      translator.unique("\(node.name).turned"), Transpose([0, 2, 1, 3]), rows.value)
    return PlacedValue(
      value: result, dimensions: [0, 2, 1, 3].map { rows.dimensions[$0] })
  }

  /// Whether a mask lies on scores, `items × heads × queries × keys`, with all keys.
  private static func fits(
    _ name: String, _ scores: [Int], _ queries: PlacedValue, _ translator: Translator
  ) -> Bool {
    let given: [Int]
    switch translator.known[name] {
    case .constant(let constant)?:
      guard constant.element.isFloat else { return false }
      given = constant.dimensions
      // A constant has no batch: what it has of it would be a number of items.
      guard given.count < 4 || given[0] == 1 || queries.dimensions[0] != .batch else {
        return false
      }
    case .placed(let placed)?:
      guard translator.builder[placed.value].type.element == .f32,
        !placed.dimensions.contains(.batch)
          || (placed.dimensions.count == 4 && placed.dimensions[0] == queries.dimensions[0])
      else { return false }
      given = translator.lengths(placed.dimensions)
    case nil: return false
    }
    guard (1...4).contains(given.count), given.last == scores[3] else { return false }
    return zip(given.reversed(), scores.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
  }
}
