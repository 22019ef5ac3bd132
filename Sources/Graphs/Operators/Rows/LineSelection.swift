import Basics
import Kernels
import Tensors

/// The few largest, or smallest, elements of each line along an axis, in order, and their places.
package struct LineSelection: Operator {
  package var axis: Int
  /// How many elements of a line.
  package var count: Int
  /// Whether the smallest elements are looked for.
  package var isSmallest: Bool

  package init(axis: Int, count: Int, isSmallest: Bool) {
    (self.axis, self.count, self.isSmallest) = (axis, count, isSmallest)
  }

  package var isPerImage: Bool { axis != 0 }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    try requireAxis(axis, of: inputs[0])
    var dimensions = inputs[0].dimensions
    guard [.f32, .i32, .i64].contains(inputs[0].element), let length = dimensions[axis].length,
      (1...Swift.max(length, 1)).contains(count)
    else {
      throw Problem(.malformed, "\(inputs[0]) has no \(count) first elements along axis \(axis)")
    }
    dimensions[axis] = .fixed(count)
    return [TensorType(inputs[0].element, dimensions), TensorType(.i64, dimensions)]
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var dimensions = inputs[0].shape.dimensions
    let lines = AxisLines(dimensions, axis: axis)
    dimensions[axis] = count
    guard let shape = Shape(dimensions) else { return [] }
    let targets = AxisLines(dimensions, axis: axis)
    var values = [Double](repeating: 0, count: shape.count)
    var places = values
    for line in 0..<lines.count {
      let elements = (0..<lines.length).map {
        (place: $0, value: inputs[0].values[lines.start(line) + $0 * lines.inner])
      }
      let sorted = elements.sorted { a, b in
        a.value == b.value ? a.place < b.place : (a.value < b.value) == isSmallest
      }
      for (step, element) in sorted.prefix(count).enumerated() {
        let index = targets.start(line) + step * targets.inner
        (values[index], places[index]) = (element.value, Double(element.place))
      }
    }
    return [ReferenceTensor(shape, values), ReferenceTensor(shape, places)]
  }
}
