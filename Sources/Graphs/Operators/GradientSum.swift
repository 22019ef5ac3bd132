import Basics
import Tensors

/// The derivatives of a batch: those of its shards, added up.
///
/// Reads the derivative by each parameter that is trained, of one shard, and gives as many, of all. A
/// process that has one shard alone gives what it reads; where other processes have the others, its
/// kernel waits for the sums.
package struct GradientSum: Operator {
  /// Derivatives that there are.
  package var count: Int
  package var isPerImage: Bool { false }

  /// Says how many derivatives are summed.
  package init(count: Int) { self.count = count }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(count, of: inputs)
    guard count > 0, inputs.allSatisfy({ $0.element == .f32 }) else {
      throw Problem(.malformed, "sums derivatives of float32 parameters, at least one")
    }
    return inputs
  }

  package var aliases: [Alias] {
    (0..<count).map { Alias(output: $0, input: $0, isRequired: true) }
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] { inputs }
}
