import Basics
import Glibc
import Tensors

/// The mean cross-entropy of a softmax over logits, and its derivative by the logits.
///
/// Reads logits `N × classes` and labels, `N` class numbers. Of a batch that is cut into shards, it is
/// the shard's part of the mean over all of them. Where heads share a step's loss, it is by its weight.
package struct CrossEntropy: LossOperator {
  /// Shards of `N` images each that the mean is over.
  package var shards: Int
  /// The part that the mean has in the loss of a step.
  package var weight: Double
  package var isPerImage: Bool { false }

  /// Says over how many shards the mean is, and what it is multiplied by.
  package init(shards: Int = 1, weight: Double = 1) {
    (self.shards, self.weight) = (shards, weight)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    guard inputs[0].dimensions.count == 2, inputs[0].element == .f32,
      inputs[1] == TensorType(.i32, [inputs[0].dimensions[0]])
    else { throw Problem(.malformed, "\(inputs[1]) are no labels of \(inputs[0])") }
    return [TensorType(.f64, []), inputs[0]]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    [node.outputs[1], nil]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (classes, images) = (inputs[0].shape.C, inputs[0].shape.N)
    let all = Double(images * shards)
    var loss = 0.0
    var gradient = [Double](repeating: 0, count: inputs[0].shape.count)
    for n in 0..<images {
      let exponentials = (0..<classes).map { exp(inputs[0].values[n * classes + $0]) }
      let (total, label) = (exponentials.reduce(0, +), Int(inputs[1].values[n]))
      loss -= weight * log(exponentials[label] / total) / all
      for c in 0..<classes {
        gradient[n * classes + c] =
          weight * (exponentials[c] / total - (c == label ? 1 : 0)) / all
      }
    }
    return [ReferenceTensor([], [loss]), ReferenceTensor(inputs[0].shape, gradient)]
  }
}
