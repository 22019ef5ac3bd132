import Basics
import Tensors

/// Tensors of any type side by side along any axis; `Concatenation` saves copies of channels.
package struct Joining: Operator {
  package var axis: Int
  /// Images of the whole batch, where batches are joined; nil where each image's output follows from
  /// it alone.
  package var images: Int?

  package init(axis: Int, images: Int? = nil) { (self.axis, self.images) = (axis, images) }

  package var isPerImage: Bool { images == nil }

  /// What has an outermost length of 1 beside a batch is repeated for every image.
  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    guard var output = inputs.first, output.dimensions.indices.contains(axis),
      output.element != .bf16
    else { throw Problem(.malformed, "\(inputs) have no axis \(axis) to be joined along") }
    if axis > 0, let batch = inputs.first(where: { $0.dimensions.first == .batch }) {
      output.dimensions[0] = batch.dimensions[0]
    }
    var length = 0
    for input in inputs {
      guard input.element == output.element, input.dimensions.count == output.dimensions.count,
        let own = [input.dimensions[axis]].lengths(images: images)?[0],
        input.dimensions.indices.allSatisfy({ dimension in
          let (a, b) = (input.dimensions[dimension], output.dimensions[dimension])
          let isRepeated = images == nil && dimension == 0 && a == 1 && b == .batch
          return dimension == axis || a == b || isRepeated || isSame(a, b)
        })
      else { throw Problem(.malformed, "\(input) cannot stand beside \(inputs[0])") }
      let (sum, overflows) = length.addingReportingOverflow(own)
      guard !overflows else { throw Problem(.malformed, "\(inputs) are too long together") }
      length = sum
    }
    output.dimensions[axis] = .fixed(length)
    if let images, let lengths = output.dimensions.lengths(images: images) {
      output.dimensions = [Dimension](lengths, images: images)
    }
    return [output]
  }

  private func isSame(_ a: Dimension, _ b: Dimension) -> Bool {
    guard let images else { return false }
    return [a].lengths(images: images) == [b].lengths(images: images)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var lengths = inputs[0].shape.dimensions
    lengths[axis] = inputs.reduce(0) { $0 + $1.shape.dimensions[axis] }
    if axis > 0 { lengths[0] = inputs.map(\.shape.N).max() ?? 1 }
    guard let target = Shape(lengths) else { return [] }
    let outer = lengths[..<axis].reduce(1, *)
    var values: [Double] = []
    for block in 0..<outer {
      for input in inputs {
        let own = input.shape.dimensions
        let (blocks, size) = (own[..<axis].reduce(1, *), own[axis...].reduce(1, *))
        values += input.values[block % blocks * size..<(block % blocks + 1) * size]
      }
    }
    return [ReferenceTensor(target, values)]
  }
}
