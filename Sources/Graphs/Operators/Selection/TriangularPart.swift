import Basics
import Tensors

/// The triangle above or below a diagonal of each matrix, the rest of which becomes 0.
package struct TriangularPart: Operator {
  /// The diagonal that still belongs to it: 0 the main one, above it more.
  package var diagonal: Int
  /// Whether what lies above the diagonal is kept, and not what lies below.
  package var isUpper: Bool
  /// Whether the rows of the matrices are images of a batch.
  package var hasImagesAsRows: Bool

  package init(diagonal: Int, isUpper: Bool, hasImagesAsRows: Bool = false) {
    (self.diagonal, self.isUpper) = (diagonal, isUpper)
    self.hasImagesAsRows = hasImagesAsRows
  }

  package var isPerImage: Bool { !hasImagesAsRows }
  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let dimensions = inputs[0].dimensions
    guard dimensions.count >= 2, inputs[0].element != .bf16,
      hasImagesAsRows || dimensions.count > 2 || dimensions[0] != .batch,
      (-(1 << 48)...(1 << 48)).contains(diagonal)
    else { throw Problem(.malformed, "\(inputs[0]) has no matrices with diagonal \(diagonal)") }
    return inputs
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let lengths = inputs[0].shape.dimensions
    let (rows, columns) = (lengths[lengths.count - 2], lengths[lengths.count - 1])
    return [
      ReferenceTensor(inputs[0].shape) { index in
        let distance = index % columns - index / columns % rows
        let isKept = isUpper ? distance >= diagonal : distance <= diagonal
        return isKept ? inputs[0].values[index] : 0
      }
    ]
  }
}
