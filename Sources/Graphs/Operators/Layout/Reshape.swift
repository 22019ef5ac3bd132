import Basics
import Tensors

/// The same elements in the same order under other dimensions.
///
/// Unless told otherwise a batch stays the outermost dimension: images are neither joined nor cut.
package struct Reshape: Operator {
  package var dimensions: [Dimension]
  /// Images of the whole batch, where they are joined or cut; nil where they stay apart.
  package var images: Int?

  package init(_ dimensions: [Dimension], images: Int? = nil) {
    (self.dimensions, self.images) = (dimensions, images)
  }

  package var isPerImage: Bool { images == nil }
  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    var output = inputs[0]
    output.dimensions = dimensions
    guard isPerImage ? keepsImages(inputs[0], output) : hasAsMany(inputs[0], output) else {
      throw Problem(.malformed, "\(inputs[0]) cannot be seen as \(output)")
    }
    return [output]
  }

  private func keepsImages(_ input: TensorType, _ output: TensorType) -> Bool {
    let hasBatch = input.dimensions.first == .batch
    guard hasBatch == (dimensions.first == .batch),
      [input.dimensions, dimensions].allSatisfy({ lengths in
        lengths.dropFirst(hasBatch ? 1 : 0).allSatisfy { $0.length != nil }
      }), let count = output.countPerImage
    else { return false }
    return count == input.countPerImage
  }

  private func hasAsMany(_ input: TensorType, _ output: TensorType) -> Bool {
    let counts = [input, output].map { type in
      type.dimensions.lengths(images: images).flatMap { Shape($0) }?.count
    }
    return counts[0] != nil && counts[0] == counts[1]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let input = Reshape(tape.type(node.inputs[0]).dimensions, images: images)
    return [try tape.append(node.name, input, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let type = TensorType(.f32, dimensions)
    guard let target = type.shape(["batch": images ?? inputs[0].shape.N]) else { return [] }
    return [ReferenceTensor(target, inputs[0].values)]
  }
}
