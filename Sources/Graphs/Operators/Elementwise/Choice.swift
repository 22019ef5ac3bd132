import Basics
import Kernels
import Tensors

/// Each element from one of two tensors, or constants, as a condition says; for inference.
///
/// It reads the condition, a `bool`, and what is no constant of the two. Shapes go together as those
/// of `Pairwise` do.
package struct Choice: Operator {
  /// The type of what it gives.
  package var element: DType
  /// What is taken where the condition holds; nil for a tensor.
  package var first: Double?
  /// What is taken elsewhere; nil for a tensor.
  package var second: Double?

  /// Names the type, and the constants.
  package init(_ element: DType, first: Double? = nil, second: Double? = nil) {
    (self.element, self.first, self.second) = (element, first, second)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1 + [first, second].count { $0 == nil }, of: inputs)
    guard inputs[0].element == .bool, ElementCast.types.contains(element),
      inputs.dropFirst().allSatisfy({ $0.element == element })
    else { throw Problem(.malformed, "\(inputs) are no condition and \(element) to choose from") }
    return [TensorType(element, try Dimension.broadcast(inputs.map(\.dimensions)))]
  }

  package var aliases: [Alias] {
    (0..<[first, second].count { $0 == nil }).map { Alias(output: 0, input: $0 + 1) }
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    [
      ReferenceTensor.broadcast(inputs, on: pool) { element in
        if element(0) != 0 { return first ?? element(1) }
        return second ?? element(first == nil ? 2 : 1)
      }
    ]
  }
}
