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
  /// How each is translated: the rules of all groups.
  static let rules: [String: OperatorRule] = [
    Reductions.rules, Softmaxes.rules, RowNorms.rules, Lines.rules, ChannelNorms.rules,
    Attentions.rules, Recurrences.rules, Rotaries.rules,
    Convolutions.rules, Products.rules, Normalizations.rules, Activations.rules, Pools.rules,
    Types.rules, Quantizations.rules, Sums.rules, Joins.rules, Views.rules, Constants.rules,
    Arithmetic.rules, Selections.rules, Gathering.rules, Paddings.rules, Resizing.rules,
    Blocks.rules, Masks.rules,
    Sampling.rules, Windows.rules, Conditions.rules,
  ].reduce(into: [:]) { all, group in all.merge(group) { first, _ in first } }

  /// Inputs of operators that decide what they compute: lengths, bounds, axes, counts.
  ///
  /// A model that computes them from what a run is given is translated for their elements.
  static let decidingInputs: [String: Set<Int>] = [
    "CenterCropPad": [1], "Clip": [1, 2], "ConstantOfShape": [0], "CumSum": [1], "Dropout": [1, 2],
    "Expand": [1], "If": [0], "OneHot": [1, 2], "Pad": [1, 2, 3], "Range": [0, 1, 2],
    "ReduceL1": [1], "ReduceL2": [1], "ReduceLogSum": [1], "ReduceLogSumExp": [1],
    "ReduceMax": [1], "ReduceMean": [1], "ReduceMin": [1], "ReduceProd": [1], "ReduceSum": [1],
    "ReduceSumSquare": [1], "Reshape": [1], "Resize": [1, 2, 3], "Slice": [1, 2, 3, 4],
    "Split": [1], "Squeeze": [1], "Tile": [1], "TopK": [1], "Trilu": [1], "Unsqueeze": [1],
    "Upsample": [1],
  ]

  /// The rows of the table in `docs/models.md`: name, whether it is computed in a run, and whether
  /// it is computed once where all that it reads is known before.
  package static var rows: [String] {
    rules.sorted { $0.key < $1.key }.map { name, rule in
      "| `\(name)` | \(rule.emit == nil ? "–" : "yes") | \(rule.fold == nil ? "–" : "yes") |"
    }
  }
}
