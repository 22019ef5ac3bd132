import Kernels

/// The project's distance between two tensors.
package enum RelativeError {
  /// max |a−b| / max |b|; infinite where a value is not finite or the lengths differ.
  package static func between(
    _ a: some Collection<Float>, _ b: some Collection<Float>
  ) -> Double {
    guard a.count == b.count else { return .infinity }
    var difference: Float = 0
    var scale: Float = 0
    for (x, y) in zip(a, b) {
      guard x.isFinite, y.isFinite else { return .infinity }
      difference = max(difference, abs(x - y))
      scale = max(scale, abs(y))
    }
    return scale == 0 ? Double(difference) : Double(difference) / Double(scale)
  }
}

extension ConvAlgorithm {
  /// How far from the oracle the algorithm may be on small whole numbers.
  var relativeErrorOnIntegers: Double { isExactOnIntegers ? 0 : 1e-4 }
}
