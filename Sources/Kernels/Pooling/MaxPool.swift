/// Maximum pooling with vector lanes over channels, in the pool's threads.
public enum MaxPool {
  /// The largest side of a window: its positions just fit a byte.
  public static let largestWindow = 16

  /// Computes each window's largest value and, if asked, remembers where it was.
  ///
  /// - Parameters:
  ///   - shape: The window; its side is at most `largestWindow`.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Floats from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - positions: `N P Q C` bytes, the winner's index in its window; overwritten. Needed for
  ///     backward only, nil otherwise.
  ///   - pool: Runs the work.
  public static func forward(
    _ shape: PoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pitch: Int? = nil, positions: UnsafeMutablePointer<UInt8>? = nil, pool: ThreadPool
  ) {
    precondition(
      shape.window <= largestWindow, "a window of \(shape.window) has positions beyond a byte")
    let (C, pitch) = (shape.C, pitch ?? shape.C)
    pool.forEachShare(of: shape.N * shape.P) { rows in
      for row in rows {
        let (n, p) = (row / shape.P, row % shape.P)
        for q in 0..<shape.Q {
          let pixel = row * shape.Q + q
          let (at, best) = (pixel * C, output + pixel * pitch)
          var isFirst = true
          forEachTap(shape, n: n, p: p, q: q) { source, position in
            let values = input + source
            if isFirst {
              best.update(from: values, count: C)
              if let positions { (positions + at).update(repeating: position, count: C) }
              isFirst = false
            } else if let positions {
              take(values, position, C, best, positions + at)
            } else {
              take(values, C, best)
            }
          }
        }
      }
    }
  }

  /// Sends each output's gradient to the input that won.
  ///
  /// Each input row gathers from the windows over it, so no two workers write the same place.
  ///
  /// - Parameters:
  ///   - shape: The window.
  ///   - outputGradient: `N P Q C`.
  ///   - positions: As forward wrote them.
  ///   - inputGradient: `N H W C`; overwritten.
  ///   - pool: Runs the work.
  public static func backward(
    _ shape: PoolShape, outputGradient: UnsafePointer<Float>, positions: UnsafePointer<UInt8>,
    inputGradient: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let C = shape.C
    pool.forEachShare(of: shape.N * shape.H) { rows in
      for row in rows {
        let (n, h) = (row / shape.H, row % shape.H)
        for w in 0..<shape.W {
          let target = inputGradient + (row * shape.W + w) * C
          target.update(repeating: 0, count: C)
          for p in shape.windows(over: h, shape.P) {
            for q in shape.windows(over: w, shape.Q) {
              let position =
                (h + shape.padding - p * shape.stride) * shape.window
                + (w + shape.padding - q * shape.stride)
              let at = ((n * shape.P + p) * shape.Q + q) * C
              receive(outputGradient + at, positions + at, UInt8(position), C, target)
            }
          }
        }
      }
    }
  }

  /// Keeps the larger of two rows of channels, and whose position it was.
  private static func take(
    _ values: UnsafePointer<Float>, _ position: UInt8, _ count: Int,
    _ best: UnsafeMutablePointer<Float>, _ positions: UnsafeMutablePointer<UInt8>
  ) {
    for c in 0..<count {
      let (value, old) = (values[c], best[c])
      let wins = !(value <= old) && old == old
      best[c] = wins ? value : old
      positions[c] = wins ? position : positions[c]
    }
  }

  /// Keeps the larger of two rows of channels.
  private static func take(
    _ values: UnsafePointer<Float>, _ count: Int, _ best: UnsafeMutablePointer<Float>
  ) {
    for c in 0..<count {
      let (value, old) = (values[c], best[c])
      best[c] = !(value <= old) && old == old ? value : old
    }
  }

  /// Adds the gradients whose winner sat at `position`.
  private static func receive(
    _ gradient: UnsafePointer<Float>, _ positions: UnsafePointer<UInt8>, _ position: UInt8,
    _ count: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    for c in 0..<count { target[c] += positions[c] == position ? gradient[c] : 0 }
  }

  /// Calls `body` with the offset and the window position of each tap inside the input.
  @inline(__always)
  private static func forEachTap(
    _ shape: PoolShape, n: Int, p: Int, q: Int, _ body: (_ source: Int, _ position: UInt8) -> Void
  ) {
    let (h0, w0) = (p * shape.stride - shape.padding, q * shape.stride - shape.padding)
    for h in shape.inputs(under: p, shape.H) {
      for w in shape.inputs(under: q, shape.W) {
        body(
          ((n * shape.H + h) * shape.W + w) * shape.C,
          UInt8((h - h0) * shape.window + (w - w0)))
      }
    }
  }
}
