import Basics
import Tensors

/// In training, zeroes elements and scales up the others; in inference, nothing.
package struct RandomDropout: Operator {
  /// Probability that an element is set to 0; at least 0, below 1.
  package var probability: Double
  /// What tells this node's draws from those of others.
  package var stream: UInt64

  /// Names the probability, and the node among those of its graph.
  package init(probability: Double, stream: UInt64) {
    (self.probability, self.stream) = (probability, stream)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard probability >= 0, probability < 1 else {
      throw Problem(.malformed, "drops with a probability of \(probability)")
    }
    return inputs
  }

  package func trainingForm(seed: UInt64) -> any Operator {
    DropoutMask(probability: probability, seed: seed &+ stream << 32)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] { inputs }
}
