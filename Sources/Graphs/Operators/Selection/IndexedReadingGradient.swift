import Basics
import Tensors

/// The derivative by a tensor of which indices named elements: what was read of each, added up.
///
/// Reads the indices, unless they are fixed, the derivative by what was read and, where it adds to a
/// derivative that exists already, that one. What an index reads that names nothing has none.
package struct IndexedReadingGradient: AccumulatingOperator {
  /// What was read.
  package var access: IndexedAccess
  /// The type of the tensor.
  package var data: TensorType
  package var accumulates = false

  package var isPerImage: Bool { false }
  /// Index of the derivative by what was read.
  package var gradientInput: Int { access.fixed == nil ? 1 : 0 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(gradientInput + (accumulates ? 2 : 1), of: inputs)
    let indices = try access.indices(data, access.fixed == nil ? inputs[0] : nil)
    let named = TensorType(.f32, try access.named(data.dimensions, indices))
    guard data.element == .f32, inputs[gradientInput] == named,
      !accumulates || inputs[gradientInput + 1] == data
    else { throw Problem(.malformed, "\(inputs[gradientInput]) was not read of \(data)") }
    return [data]
  }

  package var aliases: [Alias] {
    accumulates ? [Alias(output: 0, input: gradientInput + 1, isRequired: true)] : []
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let gradient = inputs[gradientInput]
    guard let shape = data.shape(["batch": gradient.shape.N]) else { return [] }
    // As in the reading, the second input has the indices where they are not fixed.
    let indices = access.indices([gradient, inputs[0]])
    var sums =
      accumulates
      ? inputs[gradientInput + 1].values : [Double](repeating: 0, count: shape.count)
    for (place, element) in access.elements(shape, indices).enumerated() {
      if let element { sums[element] += gradient.values[place] }
    }
    return [ReferenceTensor(shape, sums)]
  }
}
