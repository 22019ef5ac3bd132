/// The dimensions of a matrix product `C[m × n] = A[m × k] · B[k × n]`.
public struct GemmShape: Hashable, Sendable, CustomStringConvertible {
  /// Rows of A and C.
  public var m: Int
  /// Columns of B and C.
  public var n: Int
  /// Columns of A, rows of B: the depth of the product.
  public var k: Int

  /// Makes a shape; each dimension is at least 0.
  public init(m: Int, n: Int, k: Int) {
    precondition(m >= 0 && n >= 0 && k >= 0, "negative GEMM dimension: \(m)x\(n)x\(k)")
    (self.m, self.n, self.k) = (m, n, k)
  }

  /// Multiply-accumulates of the direct algorithm.
  public var macs: MACs { MACs(m * n * k) }

  /// `MxNxK`, as case ids spell it.
  public var description: String { "\(m)x\(n)x\(k)" }
}

/// The dimensions of a pooling window over an `N H W C` tensor.
public struct PoolShape: Hashable, Sendable {
  /// Images in the batch.
  public var N: Int
  /// Channels, which pooling leaves as they are.
  public var C: Int
  /// Input rows.
  public var H: Int
  /// Input columns.
  public var W: Int
  /// Side of the square window.
  public var window: Int
  /// Distance between windows, the same in both directions.
  public var stride: Int
  /// Border on each side: never the maximum of a window, and 0 in its mean.
  public var padding: Int

  /// Makes a shape; the padding is at most half the window, as in PyTorch.
  public init(N: Int, C: Int, H: Int, W: Int, window: Int, stride: Int, padding: Int = 0) {
    precondition(N > 0 && C > 0 && H > 0 && W > 0, "pooling dimensions must be positive")
    precondition(window > 0 && stride > 0 && padding >= 0 && 2 * padding <= window)
    precondition(H + 2 * padding >= window && W + 2 * padding >= window)
    (self.N, self.C, self.H, self.W) = (N, C, H, W)
    (self.window, self.stride, self.padding) = (window, stride, padding)
  }

  /// Output rows.
  public var P: Int { (H + 2 * padding - window) / stride + 1 }
  /// Output columns.
  public var Q: Int { (W + 2 * padding - window) / stride + 1 }
  /// Floats of the input tensor.
  public var inputCount: Int { N * H * W * C }
  /// Floats of the output tensor.
  public var outputCount: Int { N * P * Q * C }

  /// The input coordinates, of `limit`, that the window of output coordinate `i` covers.
  @inline(__always)
  func inputs(under i: Int, _ limit: Int) -> Range<Int> {
    let first = i * stride - padding
    return max(first, 0)..<min(first + window, limit)
  }

  /// The output coordinates, of `limit`, whose windows cover input coordinate `i`.
  @inline(__always)
  func windows(over i: Int, _ limit: Int) -> Range<Int> {
    let reach = i + padding
    let high = min(limit, reach / stride + 1)
    let low = reach < window ? 0 : (reach - window) / stride + 1
    return min(low, high)..<high
  }
}
