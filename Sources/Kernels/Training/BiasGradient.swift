/// The gradient by a bias: the sum of the output's gradient over all rows.
public enum BiasGradient {
  /// `sums[c] = Σ over rows of gradient[row, c]`.
  ///
  /// Each channel is summed by one worker in row order, so the result does not depend on the
  /// number of threads. Error: float64 sums, rounded once.
  ///
  /// - Parameters:
  ///   - rows: Pixels of all images.
  ///   - channels: Floats a row.
  ///   - gradient: `rows × channels`.
  ///   - sums: `channels` floats; overwritten.
  ///   - pool: Runs the work.
  public static func sum(
    rows: Int, channels: Int, _ gradient: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let lanes = Vector.scalarCount
    pool.forEachShare(of: channels, grain: lanes) { share in
      for first in stride(from: share.lowerBound, to: share.upperBound, by: lanes) {
        let count = min(lanes, share.upperBound - first)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: lanes) { totals in
          totals.initialize(repeating: 0)
          for row in 0..<rows {
            let source = gradient + row * channels + first
            for lane in 0..<count { totals[lane] += Double(source[lane]) }
          }
          for lane in 0..<count { sums[first + lane] = Float(totals[lane]) }
        }
      }
    }
  }
}
