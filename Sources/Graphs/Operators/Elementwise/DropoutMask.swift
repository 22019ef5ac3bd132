import Basics
import Kernels
import Tensors

/// Dropout in training, forward on activations and backward on derivatives: the same mask.
///
/// Reads the values, and the numbers of the step and of the shard, from which with the seed the mask
/// follows: an element has the index that it has in the batch of all shards.
package struct DropoutMask: Operator {
  /// Probability that an element is set to 0.
  package var probability: Double
  /// Of the draws.
  package var seed: UInt64
  /// A mask is drawn by an element's index in the whole batch.
  package var isPerImage: Bool { false }
  package var readsStep: Bool { true }

  /// The kernel's draws.
  package var draws: Dropout { Dropout(probability: probability, seed: seed) }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(2, of: inputs)
    return [inputs[0]]
  }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0] else { return [nil, nil] }
    return [try tape.append(node.name, self, [output, node.inputs[1]])[0], nil]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (step, shard) = (Int(inputs[1].values[0]), Int(inputs[1].values[1]))
    let first = shard * inputs[0].shape.count
    return [
      ReferenceTensor(inputs[0].shape) { index in
        draws.keeps(first + index, step: step) ? inputs[0].values[index] / (1 - probability) : 0
      }
    ]
  }
}
