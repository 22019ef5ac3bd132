import Basics
import Tensors

/// All that one image has in one row, in the reference's order `C H W`.
///
/// A fully connected layer needs no such node: its filters are reordered instead, once.
package struct Flattening: Operator {
  package init() {}

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    guard inputs[0].dimensions.count == 4, inputs[0].element == .f32,
      inputs[0].dimensions.dropFirst().allSatisfy({ $0.length != nil }),
      let count = inputs[0].countPerImage
    else { throw Problem(.malformed, "\(inputs[0]) cannot be flattened") }
    return [TensorType(.f32, [inputs[0].dimensions[0], .fixed(count)])]
  }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0], tape.wants(node.inputs[0]) else { return [nil] }
    let op = FlatteningGradient(image: tape.type(node.inputs[0]))
    return [try tape.append(node.name, op, [output])[0]]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [inputs[0].flattened]
  }
}
