import Basics
import Graphs
import Kernels

/// Attention as one operator, of version 23 and later.
enum Attentions {
  static let rules = ["Attention": OperatorRule(emit: attention)]

  private static func attention(
    _ translator: inout Translator, _ node: OperatorNode
  ) throws(Problem) -> [KnownValue] {
    var op = HeadAttention()
    (op.heads, op.keyHeads) = (
      try node.integer("q_num_heads", 0), try node.integer("kv_num_heads", 0)
    )
    op.rule = try rule(node)
    var inputs: [Graph.Value] = []
    for index in 0..<3 {
      inputs.append(try translator.operand(index, of: node, role: .filters))
    }
    let rank = translator.builder[inputs[0]].type.dimensions.count
    guard rank != 4 || (op.heads == 0 && op.keyHeads == 0) || translator.version < 25 else {
      throw .malformed("names heads that are a dimension already")
    }
    if node.has(3) {
      inputs.append(try translator.operand(3, of: node, role: .bias))
      (op.hasMask, op.masksByFlags) = (
        true, translator.builder[inputs[3]].type.element == .bool
      )
    }
    guard node.has(4) == node.has(5), !node.has(4) || !node.has(6) else {
      throw .malformed("has earlier keys without values, or counts them too")
    }
    op.hasPast = node.has(4)
    for index in [4, 5] where op.hasPast {
      inputs.append(try translator.operand(index, of: node, role: .filters))
    }
    if node.has(6) {
      op.hasKeyCounts = true
      inputs.append(try translator.plain(node.placed(6), node.name))
    }
    op.givesCache = op.hasPast || node.wants(1, translator) || node.wants(2, translator)
    if node.wants(3, translator) {
      guard let stage = Attention.Stage(rawValue: try node.integer("qk_matmul_output_mode", 0))
      else { throw .malformed("has a qk_matmul_output_mode that is not known") }
      op.stage = stage
    }
    let types = inputs.map { translator.builder[$0].type }
    guard
      types.allSatisfy({ type in
        !type.dimensions.contains(.batch) || !type.dimensions.dropFirst().contains(.batch)
      })
    else { throw .malformed("mixes the items of a batch") }
    let values = try translator.builder.append(node.name, op, inputs)
    var results = values.map { value in
      KnownValue.placed(
        PlacedValue(value: value, dimensions: translator.builder[value].type.dimensions))
    }
    // Without a cache the scores are the second output, but ONNX's fourth.
    if !op.givesCache, results.count == 2 {
      results.insert(contentsOf: [results[0], results[0]], at: 1)
    }
    return results
  }

  private static func rule(_ node: OperatorNode) throws(Problem) -> Attention.Rule {
    var rule = Attention.Rule(scale: try node.float("scale", 0))
    rule.cap = try node.float("softcap", 0)
    rule.isCausal = try node.integer("is_causal", 0) != 0
    guard rule.cap >= 0, try node.integer("softmax_precision", 1) == 1 else {
      throw .malformed("bends scores by less than 0, or takes shares in another type than float32")
    }
    let (left, right) = (
      try node.integer("left_window_size", -1), try node.integer("right_window_size", -1)
    )
    guard left >= -1, right >= -1 else {
      throw .malformed("sees windows of \(left) and \(right) keys")
    }
    rule.left = left < 0 ? nil : left
    rule.right = right < 0 ? nil : right
    return rule
  }
}
