import Basics
import Graphs
import Kernels

/// Layers that go through a sequence step by step.
enum Recurrences {
  static let rules = [
    "RNN": OperatorRule(emit: { (translator, node) throws(Problem) in
      let words = try activations(node, usual: ["tanh"])
      guard words == ["tanh"] || words == ["relu"] else { throw unknown(words) }
      return try emit(&translator, node, .plain(isRectified: words == ["relu"]))
    }),
    "GRU": OperatorRule(emit: { (translator, node) throws(Problem) in
      let usual = ["sigmoid", "tanh"]
      let words = try activations(node, usual: usual)
      guard words == usual else { throw unknown(words) }
      let after = try node.integer("linear_before_reset", 0) != 0
      return try emit(&translator, node, .gru(resetsAfterProduct: after))
    }),
    "LSTM": OperatorRule(emit: { (translator, node) throws(Problem) in
      let usual = ["sigmoid", "tanh", "tanh"]
      let words = try activations(node, usual: usual)
      guard words == usual else { throw unknown(words) }
      guard try node.integer("input_forget", 0) == 0 else {
        throw .malformed("couples input and forgetting, which is not supported")
      }
      return try emit(&translator, node, .lstm)
    }),
  ]

  private static func unknown(_ words: [String]) -> Problem {
    Problem(.malformed, "has activations \(words), which are not supported")
  }

  /// The activations of one direction in small letters; both have to have the same.
  private static func activations(
    _ node: OperatorNode, usual: [String]
  ) throws(Problem) -> [String] {
    switch node.node["activations"] {
    case nil: return usual
    case .texts(let words)?:
      let all = words.map { String(decoding: $0, as: UTF8.self).lowercased() }
      let first = Array(all.prefix(usual.count))
      guard all == first || all == first + first else { throw unknown(all) }
      return first
    default: throw .malformed("has activations that are not text")
    }
  }

  private static func emit(
    _ translator: inout Translator, _ node: OperatorNode, _ cell: Recurrence.Cell
  ) throws(Problem) -> [KnownValue] {
    let word = try node.text("direction", "forward")
    guard let direction = RecurrentLayer.Direction(rawValue: word.lowercased()) else {
      throw .malformed("has direction \(word), which is not known")
    }
    for name in ["clip", "activation_alpha", "activation_beta"] where node.node[name] != nil {
      throw .malformed("has \(name), which is not supported")
    }
    var op = RecurrentLayer(
      cell, direction, isBatchFirst: try node.integer("layout", 0) != 0)
    var inputs: [Graph.Value] = []
    for index in 0..<3 {
      inputs.append(try translator.operand(index, of: node, role: .filters))
    }
    if node.has(3) { inputs.append(try translator.operand(3, of: node, role: .bias)) }
    op.hasBias = node.has(3)
    let dimensions = translator.builder[inputs[0]].type.dimensions
    try checkLengths(translator, node, dimensions, isBatchFirst: op.isBatchFirst)
    let isLSTM = cell == .lstm
    (op.hasState, op.hasCell, op.hasPeepholes) = (
      node.has(5), isLSTM && node.has(6), isLSTM && node.has(7)
    )
    for index in [5, 6, 7] where node.has(index) && (index == 5 || isLSTM) {
      inputs.append(try translator.operand(index, of: node, role: .bias))
    }
    let states = translator.builder[inputs[2]].type.dimensions.last?.length ?? 0
    guard try node.integer("hidden_size", states) == states else {
      throw .malformed("has a hidden_size that its weights do not have")
    }
    return try translator.builder.append(node.name, op, inputs).map { value in
      .placed(PlacedValue(value: value, dimensions: translator.builder[value].type.dimensions))
    }
  }

  /// Refuses sequences that end early.
  private static func checkLengths(
    _ translator: Translator, _ node: OperatorNode, _ dimensions: [Dimension], isBatchFirst: Bool
  ) throws(Problem) {
    guard let lengths = try node.constant(4, "lengths of sequences") else { return }
    let all = translator.lengths(dimensions)
    let steps = all.count == 3 ? all[isBatchFirst ? 1 : 0] : 0
    guard try lengths.integers("a length").allSatisfy({ $0 == steps }) else {
      throw .malformed("has sequences that end early, which is not supported")
    }
  }
}
