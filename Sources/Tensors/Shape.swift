/// The length of each dimension of a tensor, the outermost first.
///
/// Images are `N H W C`, rows `N C`, and a scalar has no dimension.
package struct Shape: Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
  /// Lengths, each at least 1.
  package let dimensions: [Int]
  /// Number of elements.
  package let count: Int

  /// Makes a shape, or nil for a length below 1 or more elements than 2^48.
  ///
  /// The limit leaves room for bytes, and for sums of many tensors, in 64 bits.
  package init?(_ dimensions: [Int]) {
    var count = 1
    for length in dimensions {
      let (product, overflows) = count.multipliedReportingOverflow(by: length)
      guard length > 0, !overflows, product <= 1 << 48 else { return nil }
      count = product
    }
    (self.dimensions, self.count) = (dimensions, count)
  }

  /// Makes a shape that is known to be one.
  package init(arrayLiteral dimensions: Int...) {
    guard let shape = Shape(dimensions) else { preconditionFailure("no shape: \(dimensions)") }
    self = shape
  }

  /// Number of dimensions.
  package var rank: Int { dimensions.count }
  /// The first length; 1 for a scalar.
  package var N: Int { dimensions.first ?? 1 }
  /// Rows of an image; 1 for what is none.
  package var H: Int { rank == 4 ? dimensions[1] : 1 }
  /// Columns of an image; 1 for what is none.
  package var W: Int { rank == 4 ? dimensions[2] : 1 }
  /// The last length; 1 for a scalar.
  package var C: Int { dimensions.last ?? 1 }
  /// Lengths joined by `x`, for example `2x7x7x64`; `scalar` for none.
  package var description: String {
    rank == 0 ? "scalar" : dimensions.map(String.init).joined(separator: "x")
  }
}
