import Basics
import Kernels
import Tensors

/// A tensor in which the elements that indices name are written anew, or joined with others.
///
/// What an index that names nothing would write is left out; several writes of one element happen in
/// the order of the indices. Where all images write to one tensor, their number has to be known.
package struct IndexedWriting: Operator {
  /// What the indices name; the second input, unless they are fixed.
  package var access: IndexedAccess
  /// What happens to an element that was there before.
  package var reduction: IndexedCopy.Reduction

  package init(_ access: IndexedAccess, reduction: IndexedCopy.Reduction) {
    (self.access, self.reduction) = (access, reduction)
  }

  package var isPerImage: Bool { access.images == nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(access.fixed == nil ? 3 : 2, of: inputs)
    let (data, updates) = (inputs[0], inputs[inputs.count - 1])
    let indices = try access.indices(data, access.fixed == nil ? inputs[1] : nil)
    let named = try access.named(data.dimensions, indices)
    let isSame =
      updates.dimensions == named
      || access.images.map { updates.dimensions.lengths(images: $0) == named.lengths(images: $0) }
        ?? false
    // Each group of images would begin with the data anew.
    let isApart = data.dimensions.contains(.batch) || !updates.dimensions.contains(.batch)
    guard updates.element == data.element, isSame, isApart || !isPerImage,
      reduction == .none || data.element == .f32
    else { throw Problem(.malformed, "\(updates) cannot be written to \(named) of \(data)") }
    return [data]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var data = inputs[0]
    let updates = inputs[inputs.count - 1]
    let elements = access.elements(data.shape, access.indices(inputs))
    for (place, element) in elements.enumerated() {
      guard let element else { continue }
      data.values[element] = IndexedCopy.joined(
        data.values[element], updates.values[place], reduction)
    }
    return [data]
  }
}
