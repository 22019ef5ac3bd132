import Basics
import Tensors

/// Indices as rows in which one element is marked.
package struct OneHotCoding: Operator {
  /// Where the rows' axis stands among those of the output.
  package var axis: Int
  /// Elements of a row.
  package var depth: Int
  /// The type of the output.
  package var element: DType
  /// What is not marked, and what is; nil where the second input has both.
  package var values: [Double]?
  /// Images of the whole batch, where the axis stands before them.
  package var images: Int?

  package init(axis: Int, depth: Int, element: DType, values: [Double]?, images: Int? = nil) {
    (self.axis, self.depth, self.element) = (axis, depth, element)
    (self.values, self.images) = (values, images)
  }

  package var isPerImage: Bool { images == nil }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(values == nil ? 2 : 1, of: inputs)
    var dimensions = inputs[0].dimensions
    guard [.i32, .i64, .f32].contains(inputs[0].element), (0...dimensions.count).contains(axis),
      (1..<1 << 31).contains(depth), element != .bf16, values?.count ?? 2 == 2,
      images != nil || dimensions.first != .batch || axis > 0,
      inputs.count == 1 || inputs[1] == TensorType(element, [2])
    else { throw Problem(.malformed, "\(inputs) give no rows of \(depth) along axis \(axis)") }
    dimensions.insert(.fixed(depth), at: axis)
    if let images {
      guard let lengths = dimensions.lengths(images: images) else {
        throw Problem(.malformed, "\(inputs[0]) has lengths that are not known")
      }
      dimensions = [Dimension](lengths, images: images)
    }
    return [TensorType(element, dimensions)]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let given = inputs[0].shape.dimensions
    let inner = given[axis...].reduce(1, *)
    let (off, on) = values.map { ($0[0], $0[1]) } ?? (inputs[1].values[0], inputs[1].values[1])
    guard let target = Shape(given[..<axis] + [depth] + given[axis...]) else { return [] }
    return [
      ReferenceTensor(target) { index in
        let (outer, place) = (index / inner / depth, index / inner % depth)
        let given = inputs[0].values[outer * inner + index % inner].rounded(.towardZero)
        return (given < 0 ? given + Double(depth) : given) == Double(place) ? on : off
      }
    ]
  }
}
