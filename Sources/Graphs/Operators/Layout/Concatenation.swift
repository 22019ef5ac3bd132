import Basics
import Tensors

/// Tensors side by side: the channels of the first, then those of the second, and so on.
///
/// A program copies nothing for an input that this node alone reads, and whose operator
/// `canWriteRange`: it is written where it belongs. All else is copied by this node's unit: inputs
/// and outputs of the graph, parameters, what other nodes read as well, a second mention of the
/// same value, convolutions that add a residual, batch-norms in training, and sums, ReLUs, tangents,
/// flattened rows and dropout on their own. Steps of 8 bits stand side by side where all are of one
/// scale.
package struct Concatenation: Operator {
  package init() {}

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard let first = inputs.first, first.dimensions.count > 1,
      [.f32, .bf16, .u8].contains(first.element)
    else {
      throw Problem(.malformed, "\(inputs) have no channels to put side by side")
    }
    var channels = 0
    for input in inputs {
      guard input.element == first.element, input.quantization == first.quantization,
        let length = input.dimensions.last?.length,
        input.dimensions.dropLast() == first.dimensions.dropLast()
      else { throw Problem(.malformed, "\(input) cannot stand beside \(first)") }
      let (sum, overflows) = channels.addingReportingOverflow(length)
      guard !overflows else {
        throw Problem(.malformed, "\(inputs.count) values are too long together")
      }
      channels = sum
    }
    var output = first
    output.dimensions[first.dimensions.count - 1] = .fixed(channels)
    return [output]
  }

  package var canWriteRange: Bool { true }

  package func gradient(
    _ node: Graph.Node, _ gradients: [Graph.Value?], _ tape: inout GradientTape
  ) throws(Problem) -> [Graph.Value?] {
    guard let output = gradients[0] else { return node.inputs.map { _ in nil } }
    var (result, first): ([Graph.Value?], Int) = ([], 0)
    for input in node.inputs {
      let count = tape.type(input).dimensions.last?.length ?? 0
      let slice = ChannelSlice(first: first, count: count)
      result.append(tape.wants(input) ? try tape.append(node.name, slice, [output])[0] : nil)
      first += count
    }
    return result
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let channels = inputs.reduce(0) { $0 + $1.shape.C }
    guard let first = inputs.first,
      let shape = Shape(first.shape.dimensions.dropLast() + [channels])
    else { return [] }
    let values = (0..<first.rows).flatMap { row in
      inputs.flatMap { $0.values[row * $0.shape.C..<(row + 1) * $0.shape.C] }
    }
    return [ReferenceTensor(shape, values)]
  }
}
