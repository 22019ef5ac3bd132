/// The mean of each square window, with vector lanes over channels, in the pool's threads.
///
/// The border counts as zeros: every window is divided by its whole area, at the edges too, as
/// PyTorch's `avg_pool2d` does unless told otherwise.
///
/// Error: float32 sums in window order, so about `area · 2⁻²⁴` relative to the mean magnitude.
public enum AveragePool {
  /// Averages each window.
  ///
  /// A few channels are summed over the window in a register and stored once.
  ///
  /// - Parameters:
  ///   - shape: The window.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Floats from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - pool: Runs the work.
  public static func forward(
    _ shape: PoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pitch: Int? = nil, pool: ThreadPool
  ) {
    let (C, pitch, lanes) = (shape.C, pitch ?? shape.C, VectorUnit.lanes)
    let factor = 1 / Float(shape.window * shape.window)
    pool.forEachShare(of: shape.N * shape.P) { lines in
      for line in lines {
        let image = input + line / shape.P * shape.H * shape.W * C
        let rows = shape.inputs(under: line % shape.P, shape.H)
        for q in 0..<shape.Q {
          let columns = shape.inputs(under: q, shape.W)
          let target = output + (line * shape.Q + q) * pitch
          var c = 0
          while c + lanes <= C {
            var sum = Vector.zero
            for h in rows {
              for w in columns { sum += Vector.load(image + ((h &* shape.W &+ w) &* C &+ c)) }
            }
            (sum * factor).store(target + c)
            c += lanes
          }
          while c < C {
            var sum: Float = 0
            for h in rows {
              for w in columns { sum += image[(h &* shape.W &+ w) &* C &+ c] }
            }
            target[c] = sum * factor
            c += 1
          }
        }
      }
    }
  }

  /// Spreads each output's gradient evenly over its window; what falls on the border is lost.
  ///
  /// Each input row gathers from the windows over it, so no two workers write the same place.
  ///
  /// - Parameters:
  ///   - shape: The window.
  ///   - outputGradient: `N P Q C`.
  ///   - inputGradient: `N H W C`; overwritten.
  ///   - pool: Runs the work.
  public static func backward(
    _ shape: PoolShape, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let C = shape.C
    let factor = 1 / Float(shape.window * shape.window)
    pool.forEachShare(of: shape.N * shape.H) { lines in
      for line in lines {
        let gradients = outputGradient + line / shape.H * shape.P * shape.Q * C
        let rows = shape.windows(over: line % shape.H, shape.P)
        for w in 0..<shape.W {
          let target = inputGradient + (line * shape.W + w) * C
          target.update(repeating: 0, count: C)
          for p in rows {
            for q in shape.windows(over: w, shape.Q) {
              let source = gradients + (p * shape.Q + q) * C
              for c in 0..<C { target[c] += source[c] * factor }
            }
          }
        }
      }
    }
  }
}
