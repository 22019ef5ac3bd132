import Basics
import Tensors

/// The same elements in the same order under other dimensions.
///
/// A batch stays the outermost dimension: images are neither joined nor cut.
package struct Reshape: Operator {
  /// The dimensions of the output.
  package var dimensions: [Dimension]

  /// Names the dimensions.
  package init(_ dimensions: [Dimension]) { self.dimensions = dimensions }

  package var aliases: [Alias] { [Alias(output: 0, input: 0)] }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    let output = TensorType(inputs[0].element, dimensions)
    let hasBatch = inputs[0].dimensions.first == .batch
    guard hasBatch == (dimensions.first == .batch),
      [inputs[0].dimensions, dimensions].allSatisfy({ lengths in
        lengths.dropFirst(hasBatch ? 1 : 0).allSatisfy { $0.length != nil }
      }), let count = output.countPerImage, count == inputs[0].countPerImage
    else { throw Problem(.malformed, "\(inputs[0]) cannot be seen as \(output)") }
    return [output]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let input = Reshape(tape.type(node.inputs[0]).dimensions)
    return [try tape.append(node.name, input, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let type = TensorType(.f32, dimensions)
    guard let target = type.shape(["batch": inputs[0].shape.N]) else { return [] }
    return [ReferenceTensor(target, inputs[0].values)]
  }
}
