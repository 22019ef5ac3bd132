import Basics
import Tensors

/// Elements that indices name: rows of a table, as in an embedding, single elements, or blocks.
///
/// An index that names nothing gives a NaN, or 0 in a tensor of whole numbers.
package struct IndexedReading: Operator {
  /// What the indices name; the second input, unless they are fixed.
  package var access: IndexedAccess

  package init(_ access: IndexedAccess) { self.access = access }

  package var isPerImage: Bool { access.images == nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(access.fixed == nil ? 2 : 1, of: inputs)
    let indices = try access.indices(inputs[0], access.fixed == nil ? inputs[1] : nil)
    return [TensorType(inputs[0].element, try access.named(inputs[0].dimensions, indices))]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    var result = [Graph.Value?](repeating: nil, count: node.inputs.count)
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return result }
    let op = IndexedReadingGradient(access: access, data: tape.type(node.inputs[0]))
    result[0] = try tape.append(node.name, op, node.inputs.dropFirst() + [output])[0]
    return result
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (data, indices) = (inputs[0], access.indices(inputs))
    let values = access.elements(data.shape, indices).map { $0.map { data.values[$0] } ?? .nan }
    let own = indices.shape.dimensions
    let lengths = data.shape.dimensions
    let result: [Int] =
      switch access.kind {
      case .slices(let axis): lengths[..<axis] + own + lengths[(axis + 1)...]
      case .elements: own
      case .rows(let shared): own.dropLast() + lengths[(shared + own[own.count - 1])...]
      }
    return Shape(result).map { [ReferenceTensor($0, values)] } ?? []
  }
}
