/// The dimensions of an adaptive average pool: which input rows and columns each output averages.
public struct AdaptivePoolShape: Hashable, Sendable {
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

  /// Cuts the input into `P × Q` windows of nearly equal size, as PyTorch's adaptive pool does.
  ///
  /// Output row `p` averages the input rows from `⌊p·H/P⌋` up to `⌈(p+1)·H/P⌉`; neighbours may
  /// overlap, and an input smaller than the output is repeated. `P = Q = 1` is the global pool.
  public init(N: Int, C: Int, H: Int, W: Int, P: Int = 1, Q: Int = 1) {
    precondition(N > 0 && C > 0 && H > 0 && W > 0 && P > 0 && Q > 0, "pool of nothing")
    (self.N, self.C, self.H, self.W, self.P, self.Q) = (N, C, H, W, P, Q)
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
    (i * size / outputs)..<(((i + 1) * size + outputs - 1) / outputs)
  }
}

/// Adaptive average pooling with vector lanes over channels, in the pool's threads.
///
/// Error: float32 sums in window order, so about `area · 2⁻²⁴` relative to the mean magnitude.
public enum AdaptiveAveragePool {
  /// Averages each window.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Floats from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - pool: Runs the work.
  public static func forward(
    _ shape: AdaptivePoolShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
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
    _ shape: AdaptivePoolShape, outputGradient: UnsafePointer<Float>,
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
