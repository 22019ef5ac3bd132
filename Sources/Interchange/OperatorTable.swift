import Basics

/// How nodes of one ONNX operator are translated.
struct OperatorRule: Sendable {
  /// Appends what the node computes to the graph, and says what its outputs are.
  var emit:
    (
      @Sendable (_ translator: inout Translator, _ node: OperatorNode) throws(Problem)
        -> [KnownValue]
    )?
  /// Computes the outputs where all inputs are constants.
  var fold: (@Sendable (_ node: OperatorNode, _ inputs: [Constant?]) throws(Problem) -> [Constant])?
}

/// The operators that are known, by ONNX's names.
package enum OperatorTable {
  /// How each is translated.
  static let rules: [String: OperatorRule] = [
    Convolutions.rules, Products.rules, Normalizations.rules, Activations.rules, Pools.rules,
    Types.rules, Quantizations.rules, Sums.rules, Joins.rules, Views.rules, Constants.rules,
    Arithmetic.rules,
    Selections.rules,
  ].reduce(into: [:]) { all, group in all.merge(group) { first, _ in first } }

  /// The rows of the table in `docs/models.md`: name, whether it is computed in a run, and whether
  /// it is computed once where all that it reads is known before.
  package static var rows: [String] {
    rules.sorted { $0.key < $1.key }.map { name, rule in
      "| `\(name)` | \(rule.emit == nil ? "–" : "yes") | \(rule.fold == nil ? "–" : "yes") |"
    }
  }
}
