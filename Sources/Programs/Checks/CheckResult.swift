/// One comparison of this build's numbers with numbers that can be trusted more.
package struct CheckResult: Hashable, Sendable {
  /// What was compared.
  package var name: String
  /// max |a−b| / max |b|; infinite where something is not finite.
  package var error: Double
  /// The largest error that passes.
  package var bound: Double

  /// Whether the error is within its bound.
  package var passed: Bool { error <= bound }

  /// Joins a comparison's name, error and bound.
  package init(name: String, error: Double, bound: Double) {
    (self.name, self.error, self.bound) = (name, error, bound)
  }

  /// max |a−b|; infinite for other lengths or values that are not finite.
  package static func largestDifference(
    _ a: some Collection<Float>, _ b: some Collection<Float>
  ) -> Double {
    guard a.count == b.count else { return .infinity }
    let differences = zip(a, b).map { abs(Double($0) - Double($1)) }
    return differences.allSatisfy(\.isFinite) ? differences.max() ?? 0 : .infinity
  }

  /// The project's relative error between two tensors.
  ///
  /// - Parameters:
  ///   - a: What is checked.
  ///   - b: What it is checked against.
  /// - Returns: max |a−b| / max |b|; infinite for other lengths or values that are not finite.
  package static func relativeError(
    _ a: some Collection<Float>, _ b: some Collection<Float>
  ) -> Double {
    guard a.count == b.count else { return .infinity }
    var (difference, scale) = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      guard x.isFinite, y.isFinite else { return .infinity }
      difference = max(difference, abs(Double(x) - Double(y)))
      scale = max(scale, abs(Double(y)))
    }
    return scale == 0 ? difference : difference / scale
  }
}
