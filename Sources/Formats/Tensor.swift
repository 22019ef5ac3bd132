/// A dense float32 array with its shape, as files hold it; innermost dimension last.
package struct Tensor: Equatable, Sendable {
  /// Length of each dimension.
  package var shape: [Int]
  /// The elements in C order.
  package var values: [Float]

  /// Joins a shape and its elements.
  package init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "shape \(shape) for \(values.count) values")
    (self.shape, self.values) = (shape, values)
  }
}
