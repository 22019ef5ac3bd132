import Basics
import Tensors

/// The same elements with the dimensions in another order, such as `N C H W` from `N H W C`.
package struct Transpose: Operator {
  /// For each dimension of the output, which one of the input it is.
  package var permutation: [Int]
  /// Images of the whole batch, where its dimension moves and becomes one like the others; nil where
  /// it stays, or keeps its name where it goes.
  package var images: Int?

  package init(_ permutation: [Int], images: Int? = nil) {
    (self.permutation, self.images) = (permutation, images)
  }

  /// Images stay apart as long as the outermost dimension stays where it is.
  package var isPerImage: Bool { permutation.first == 0 && images == nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let given = inputs[0].dimensions
    guard inputs[0].element != .bf16, permutation.sorted() == Array(given.indices) else {
      throw Problem(.malformed, "\(inputs[0]) has no order \(permutation)")
    }
    var dimensions = permutation.map { given[$0] }
    if let images {
      guard let lengths = dimensions.lengths(images: images) else {
        throw Problem(.malformed, "\(inputs[0]) has lengths that are not known")
      }
      dimensions = [Dimension](lengths, images: images)
    }
    var output = inputs[0]
    output.dimensions = dimensions
    return [output]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    var inverse = permutation
    for (place, dimension) in permutation.enumerated() { inverse[dimension] = place }
    return [try tape.append(node.name, Transpose(inverse, images: images), [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let lengths = inputs[0].shape.dimensions
    guard let target = Shape(permutation.map { lengths[$0] }) else { return [] }
    var strides = lengths
    var stride = 1
    for dimension in lengths.indices.reversed() {
      strides[dimension] = stride
      stride *= lengths[dimension]
    }
    return [
      ReferenceTensor(target) { index in
        var (rest, source) = (index, 0)
        for dimension in permutation.reversed() {
          source += rest % lengths[dimension] * strides[dimension]
          rest /= lengths[dimension]
        }
        return inputs[0].values[source]
      }
    ]
  }
}
