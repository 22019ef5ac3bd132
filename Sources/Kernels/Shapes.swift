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
  /// Border on each side, which never contributes to a maximum.
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
}
