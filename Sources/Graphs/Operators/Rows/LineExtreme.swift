import Basics
import Kernels
import Tensors

/// Where the largest, or the smallest, element of each line along an axis stands.
package struct LineExtreme: Operator {
  package var axis: Int
  /// Whether the smallest element is looked for.
  package var isSmallest: Bool
  /// Of equal elements, whether the last counts.
  package var takesLast: Bool
  /// Whether the axis stays as a dimension of 1.
  package var keepsDimensions: Bool

  package init(axis: Int, isSmallest: Bool, takesLast: Bool, keepsDimensions: Bool) {
    (self.axis, self.isSmallest) = (axis, isSmallest)
    (self.takesLast, self.keepsDimensions) = (takesLast, keepsDimensions)
  }

  package var isPerImage: Bool { axis != 0 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireAxis(axis, of: inputs[0])
    guard [.f32, .i32, .i64].contains(inputs[0].element) else {
      throw Problem(.malformed, "\(inputs[0]) is in no order")
    }
    var dimensions = inputs[0].dimensions
    if keepsDimensions { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
    return [TensorType(.i64, dimensions)]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let lines = AxisLines(inputs[0].shape.dimensions, axis: axis)
    var dimensions = inputs[0].shape.dimensions
    if keepsDimensions { dimensions[axis] = 1 } else { dimensions.remove(at: axis) }
    guard let shape = Shape(dimensions) else { return [] }
    return [
      ReferenceTensor(shape) { line in
        let values = (0..<lines.length).map {
          inputs[0].values[lines.start(line) + $0 * lines.inner]
        }
        let best = (isSmallest ? values.min() : values.max()) ?? 0
        return Double((takesLast ? values.lastIndex(of: best) : values.firstIndex(of: best)) ?? 0)
      }
    ]
  }
}
