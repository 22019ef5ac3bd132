/// The dimensions of an average pool: which input rows and columns each output averages.
public struct AveragePoolShape: Hashable, Sendable {
  /// Images in the batch.
  public var N: Int
  /// Channels, which pooling leaves as they are.
  public var C: Int
  /// Input rows.
  public var H: Int
  /// Input columns.
  public var W: Int
  /// Output rows.
  public var P: Int
  /// Output columns.
  public var Q: Int
  /// Window side and stride, or nil where the windows adapt to the output size.
  private var fixed: Fixed?

  private struct Fixed: Hashable, Sendable {
    var window: Int
    var stride: Int
  }

  /// Cuts the input into `P × Q` windows of nearly equal size, as PyTorch's adaptive pool does.
  ///
  /// Output row `p` averages the input rows from `⌊p·H/P⌋` up to `⌈(p+1)·H/P⌉`; neighbours may
  /// overlap, and an input smaller than the output is repeated. `P = Q = 1` is the global pool.
  public static func adaptive(
    N: Int, C: Int, H: Int, W: Int, P: Int = 1, Q: Int = 1
  ) -> AveragePoolShape {
    precondition(N > 0 && C > 0 && H > 0 && W > 0 && P > 0 && Q > 0, "pool of nothing")
    return AveragePoolShape(N: N, C: C, H: H, W: W, P: P, Q: Q, fixed: nil)
  }

  /// Averages square windows at a fixed stride, without padding.
  public static func windows(_ shape: PoolShape) -> AveragePoolShape {
    precondition(shape.padding == 0, "average pooling is defined here without padding")
    return AveragePoolShape(
      N: shape.N, C: shape.C, H: shape.H, W: shape.W, P: shape.P, Q: shape.Q,
      fixed: Fixed(window: shape.window, stride: shape.stride))
  }

  /// The input rows that output row `p` averages.
  public func rows(_ p: Int) -> Range<Int> { range(p, H, P) }
  /// The input columns that output column `q` averages.
  public func columns(_ q: Int) -> Range<Int> { range(q, W, Q) }

  /// Floats of the input tensor.
  public var inputCount: Int { N * H * W * C }
  /// Floats of the output tensor.
  public var outputCount: Int { N * P * Q * C }

  private func range(_ i: Int, _ size: Int, _ outputs: Int) -> Range<Int> {
    if let fixed { return (i * fixed.stride)..<(i * fixed.stride + fixed.window) }
    return (i * size / outputs)..<(((i + 1) * size + outputs - 1) / outputs)
  }
}

/// The specification of average pooling, with float64 sums.
public enum AveragePoolReference {
  /// `output[n, p, q, c]` is the mean over the window.
  public static func forward(
    _ shape: AveragePoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
  ) {
    for n in 0..<shape.N {
      for p in 0..<shape.P {
        for q in 0..<shape.Q {
          for c in 0..<shape.C {
            var sum = 0.0
            for h in shape.rows(p) {
              for w in shape.columns(q) {
                sum += Double(input[((n * shape.H + h) * shape.W + w) * shape.C + c])
              }
            }
            let area = shape.rows(p).count * shape.columns(q).count
            output[((n * shape.P + p) * shape.Q + q) * shape.C + c] = Float(sum / Double(area))
          }
        }
      }
    }
  }

  /// Each input receives its share of the gradient of every window it is in.
  public static func backward(
    _ shape: AveragePoolShape, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>
  ) {
    for n in 0..<shape.N {
      for h in 0..<shape.H {
        for w in 0..<shape.W {
          for c in 0..<shape.C {
            var sum = 0.0
            for p in 0..<shape.P where shape.rows(p).contains(h) {
              for q in 0..<shape.Q where shape.columns(q).contains(w) {
                let area = Double(shape.rows(p).count * shape.columns(q).count)
                let at = ((n * shape.P + p) * shape.Q + q) * shape.C + c
                sum += Double(outputGradient[at]) / area
              }
            }
            inputGradient[((n * shape.H + h) * shape.W + w) * shape.C + c] = Float(sum)
          }
        }
      }
    }
  }
}

/// Average pooling with vector lanes over channels, in the pool's threads.
///
/// Error: float32 sums in window order, so about `area · 2⁻²⁴` relative to the mean magnitude.
public enum AveragePool {
  /// Averages each window.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Floats from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - pool: Runs the work.
  public static func forward(
    _ shape: AveragePoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
    pitch: Int? = nil, pool: ThreadPool
  ) {
    let (C, pitch) = (shape.C, pitch ?? shape.C)
    pool.forEachShare(of: shape.N * shape.P * shape.Q) { items in
      for item in items {
        let (n, p, q) = (
          item / (shape.P * shape.Q), item / shape.Q % shape.P, item % shape.Q
        )
        let (rows, columns) = (shape.rows(p), shape.columns(q))
        let target = output + item * pitch
        target.update(repeating: 0, count: C)
        for h in rows {
          for w in columns {
            let source = input + ((n * shape.H + h) * shape.W + w) * C
            for c in 0..<C { target[c] += source[c] }
          }
        }
        let area = Float(rows.count * columns.count)
        for c in 0..<C { target[c] /= area }
      }
    }
  }

  /// Spreads each output's gradient evenly over its window.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - outputGradient: `N P Q C`.
  ///   - inputGradient: `N H W C`; overwritten.
  ///   - pool: Runs the work.
  public static func backward(
    _ shape: AveragePoolShape, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let C = shape.C
    pool.forEachShare(of: shape.N * shape.H) { items in
      for item in items {
        let (n, h) = (item / shape.H, item % shape.H)
        (inputGradient + item * shape.W * C).update(repeating: 0, count: shape.W * C)
        for p in 0..<shape.P where shape.rows(p).contains(h) {
          for q in 0..<shape.Q {
            let columns = shape.columns(q)
            let factor = 1 / Float(shape.rows(p).count * columns.count)
            let source = outputGradient + ((n * shape.P + p) * shape.Q + q) * C
            for w in columns {
              let target = inputGradient + (item * shape.W + w) * C
              for c in 0..<C { target[c] += source[c] * factor }
            }
          }
        }
      }
    }
  }
}
