import Glibc

/// One number of each window of any size, channels innermost, in the pool's threads.
///
/// `MaxPool` and `AveragePool` are faster at the squares that they take.
///
/// Error: float32 sums in window order, so about `taps · 2⁻²⁴` relative to the mean magnitude; a NaN
/// under a window is what it gives.
public enum WindowPool {
  /// Which number.
  public enum Summary: Hashable, Sendable {
    /// The largest; −∞ where no tap lies on an element.
    case maximum
    /// The mean of the elements; with the border, which counts as zeros, or without it. 0 where no
    /// tap counts.
    case mean(countsBorder: Bool)
    /// The root `1/p` of the sum of the magnitudes to the power of `p`.
    case norm(p: Float)
  }

  /// Writes one number a window and channel.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - summary: Which number.
  ///   - input: `images × lengths × channels` floats.
  ///   - output: `images × counts × channels`; overwritten, apart from the input.
  ///   - pitch: Floats from a pixel of the output to the next, `channels` or more; nil for these.
  ///   - pool: Runs the work.
  public static func forward(
    _ shape: WindowShape, _ summary: Summary, input: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>, pitch: Int? = nil, pool: ThreadPool
  ) {
    let (a, b, c) = (shape.axes[0], shape.axes[1], shape.axes[2])
    let (C, pitch) = (shape.channels, pitch ?? shape.channels)
    pool.forEachShare(of: shape.images * a.count * b.count) { lines in
      for line in lines {
        let (p, q) = (line / b.count % a.count, line % b.count)
        let image = input + line / b.count / a.count * a.length * b.length * c.length * C
        let (planes, rows) = (a.taps(p), b.taps(q))
        for r in 0..<c.count {
          let target = output + (line * c.count + r) * pitch
          let columns = c.taps(r)
          var isFirst = true
          for i in planes {
            for j in rows {
              let row = (a.element(p, i) * b.length + b.element(q, j)) * c.length
              for k in columns {
                take(image + (row + c.element(r, k)) * C, C, summary, isFirst, target)
                isFirst = false
              }
            }
          }
          if isFirst { target.update(repeating: summary == .maximum ? -.infinity : 0, count: C) }
          let taps =
            summary == .mean(countsBorder: true)
            ? a.area(p) * b.area(q) * c.area(r) : planes.count * rows.count * columns.count
          finish(target, C, summary, taps)
        }
      }
    }
  }

  /// Adds a pixel to what is known of a window.
  @inline(__always)
  private static func take(
    _ values: UnsafePointer<Float>, _ count: Int, _ summary: Summary, _ isFirst: Bool,
    _ target: UnsafeMutablePointer<Float>
  ) {
    switch summary {
    case .maximum where isFirst, .mean where isFirst: target.update(from: values, count: count)
    case .maximum:
      for c in 0..<count {
        let (value, old) = (values[c], target[c])
        target[c] = !(value <= old) && old == old ? value : old
      }
    case .mean: for c in 0..<count { target[c] += values[c] }
    case .norm(let p):
      if isFirst { target.update(repeating: 0, count: count) }
      for c in 0..<count {
        let value = abs(values[c])
        target[c] += p == 1 ? value : p == 2 ? value * value : powf(value, p)
      }
    }
  }

  /// Makes the number of what was summed.
  @inline(__always)
  private static func finish(
    _ target: UnsafeMutablePointer<Float>, _ count: Int, _ summary: Summary, _ taps: Int
  ) {
    switch summary {
    case .maximum: break
    case .mean:
      let factor = 1 / Float(max(taps, 1))
      for c in 0..<count { target[c] *= factor }
    case .norm(let p):
      for c in 0..<count where p != 1 {
        target[c] = p == 2 ? target[c].squareRoot() : powf(target[c], 1 / p)
      }
    }
  }
}
