extension [Int] {
  /// The product of lengths and of a factor; nil where it does not fit.
  func checkedProduct(times factor: Int = 1) -> Int? {
    var product = factor
    for length in self {
      let (next, overflows) = product.multipliedReportingOverflow(by: length)
      guard !overflows else { return nil }
      product = next
    }
    return product
  }
}

/// A dense float32 array with its shape, as files hold it; innermost dimension last.
package struct Tensor: Equatable, Sendable {
  /// Length of each dimension.
  package var shape: [Int]
  /// The elements in C order.
  package var values: [Float]

  package init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "shape \(shape) for \(values.count) values")
    (self.shape, self.values) = (shape, values)
  }
}
