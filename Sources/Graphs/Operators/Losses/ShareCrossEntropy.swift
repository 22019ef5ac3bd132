import Basics
import Glibc
import Tensors

/// The mean cross-entropy between given shares and the softmax over logits, and its derivative by these.
///
/// Reads logits `N × classes` and as many shares, those of a row adding up to 1: how often a search went
/// to each move, as AlphaGo Zero has it.
package struct ShareCrossEntropy: LossOperator {
  /// The operator.
  package init() {}

  package var isPerImage: Bool { false }
  package var aliases: [Alias] { [Alias(output: 1, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs[0].dimensions.count == 2, inputs[0].element == .f32, inputs[1] == inputs[0] else {
      throw Problem(.malformed, "\(inputs[1]) are no shares of \(inputs[0])")
    }
    return [TensorType(.f64, []), inputs[0]]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    [node.outputs[1], nil]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (classes, rows) = (inputs[0].shape.C, inputs[0].shape.N)
    var loss = 0.0
    var gradient: [Double] = []
    for start in stride(from: 0, to: rows * classes, by: classes) {
      let own = inputs[0].values[start..<start + classes]
      let shares = inputs[1].values[start..<start + classes]
      let top = own.max() ?? 0
      let logarithm = top + log(own.reduce(0) { $0 + exp($1 - top) })
      let whole = shares.reduce(0, +)
      for (logit, share) in zip(own, shares) {
        loss += share * (logarithm - logit) / Double(rows)
        gradient.append((whole * exp(logit - logarithm) - share) / Double(rows))
      }
    }
    return [ReferenceTensor([], [loss]), ReferenceTensor(inputs[0].shape, gradient)]
  }
}
