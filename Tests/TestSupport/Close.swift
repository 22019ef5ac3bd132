/// max |a−b| / max |b|: the project's relative error between two tensors.
///
/// Infinite where a value is not finite or the lengths differ, so that a comparison with a bound fails.
package func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  guard a.count == b.count else { return .infinity }
  var difference = 0.0
  var scale = 0.0
  for (x, y) in zip(a, b) {
    guard x.isFinite, y.isFinite else { return .infinity }
    difference = max(difference, abs(Double(x) - Double(y)))
    scale = max(scale, abs(Double(y)))
  }
  return scale == 0 ? difference : difference / scale
}
