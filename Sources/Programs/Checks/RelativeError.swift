/// The project's distance between two tensors.
package enum RelativeError {
  /// max |a−b| over the scale.
  ///
  /// - Parameters:
  ///   - a: What is checked.
  ///   - b: What it is checked against.
  ///   - scale: What the error is relative to; max |b| unless told.
  /// - Returns: Infinite for other lengths or values that are not finite; the difference itself
  ///   where the scale is 0.
  package static func between(
    _ a: some Collection<Float>, _ b: some Collection<Float>, scale: Double? = nil
  ) -> Double {
    // Collections of other modules would be read element by element through their protocol.
    let read = a.withContiguousStorageIfAvailable { a in
      b.withContiguousStorageIfAvailable { b in between(a, and: b, scale: scale) }
    }
    return (read ?? nil)
      ?? Array(a).withUnsafeBufferPointer { a in
        Array(b).withUnsafeBufferPointer { b in between(a, and: b, scale: scale) }
      }
  }

  private static func between(
    _ a: UnsafeBufferPointer<Float>, and b: UnsafeBufferPointer<Float>, scale: Double?
  ) -> Double {
    guard a.count == b.count else { return .infinity }
    var (difference, largest) = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      guard x.isFinite, y.isFinite else { return .infinity }
      difference = max(difference, abs(Double(x) - Double(y)))
      largest = max(largest, abs(Double(y)))
    }
    let scale = scale ?? largest
    return scale == 0 ? difference : difference / scale
  }
}
