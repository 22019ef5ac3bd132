import Basics
import Glibc
import Tensors

/// The mean cross-entropy of a softmax over each row's logits, and its derivative by the logits.
///
/// Reads logits, whose innermost dimension is the vocabulary, and labels of the dimensions before
/// that: numbers of tokens, or `ignored` for rows that do not count.
package struct TokenCrossEntropy: LossOperator {
  /// What all tokens share of a label, at least 0 and below 1.
  package var smoothing: Double
  /// The label of rows that do not count.
  package var ignored: Int64

  /// Names all of it; PyTorch's numbers unless told.
  package init(smoothing: Double = 0, ignored: Int64 = -100) {
    (self.smoothing, self.ignored) = (smoothing, ignored)
  }

  package var isPerImage: Bool { false }
  package var aliases: [Alias] { [Alias(output: 1, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs[0].dimensions.count > 1, inputs[0].element == .f32,
      inputs[1] == TensorType(.i64, Array(inputs[0].dimensions.dropLast()))
    else { throw Problem(.malformed, "\(inputs[1]) are no labels of \(inputs[0])") }
    guard smoothing >= 0, smoothing < 1 else {
      throw Problem(.malformed, "labels cannot be smoothed by \(smoothing)")
    }
    return [TensorType(.f64, []), inputs[0]]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    [node.outputs[1], nil]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (logits, labels) = (inputs[0].values, inputs[1].values)
    let classes = inputs[0].shape.C
    let share = 1 / Double(labels.count { $0 != Double(ignored) })
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: logits.count)
    for (row, label) in labels.enumerated() where label != Double(ignored) {
      let own = logits[row * classes..<(row + 1) * classes]
      let top = own.max() ?? 0
      let logarithm = top + log(own.reduce(0) { $0 + exp($1 - top) })
      for (c, logit) in own.enumerated() {
        let wanted = smoothing / Double(classes) + (c == Int(label) ? 1 - smoothing : 0)
        loss += share * wanted * (logarithm - logit)
        gradient[row * classes + c] = share * (exp(logit - logarithm) - wanted)
      }
    }
    return [ReferenceTensor([], [loss]), ReferenceTensor(inputs[0].shape, gradient)]
  }
}
