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

  /// Multiply-accumulates of the textbook algorithm.
  public var macs: MACs { MACs(m * n * k) }

  /// `MxNxK`, as case ids spell it.
  public var description: String { "\(m)x\(n)x\(k)" }
}

/// The dimensions of a two-dimensional convolution, in the letters of the cuDNN paper.
///
/// Input `N H W C`, filters `K R S C`, output `N P Q K`; all float32, innermost dimension last.
/// Groups and dilation are 1.
public struct ConvShape: Hashable, Sendable, CustomStringConvertible {
  /// Images in the batch.
  public var N: Int
  /// Input channels.
  public var C: Int
  /// Input rows.
  public var H: Int
  /// Input columns.
  public var W: Int
  /// Filters, which are the output channels.
  public var K: Int
  /// Filter rows.
  public var R: Int
  /// Filter columns.
  public var S: Int
  /// Distance between windows, the same in both directions.
  public var stride: Int
  /// Zeros added on each side of both directions.
  public var padding: Int

  /// Makes a shape; the padded input must hold at least one window.
  public init(
    N: Int, C: Int, H: Int, W: Int, K: Int, R: Int, S: Int, stride: Int = 1, padding: Int = 0
  ) {
    precondition(
      N > 0 && C > 0 && H > 0 && W > 0 && K > 0 && R > 0 && S > 0 && stride > 0 && padding >= 0,
      "convolution dimensions must be positive")
    precondition(
      H + 2 * padding >= R && W + 2 * padding >= S, "window larger than the padded input")
    (self.N, self.C, self.H, self.W) = (N, C, H, W)
    (self.K, self.R, self.S) = (K, R, S)
    (self.stride, self.padding) = (stride, padding)
  }

  /// Output rows.
  public var P: Int { (H + 2 * padding - R) / stride + 1 }
  /// Output columns.
  public var Q: Int { (W + 2 * padding - S) / stride + 1 }

  /// Floats of the input tensor.
  public var inputCount: Int { N * H * W * C }
  /// Floats of the filter tensor.
  public var filterCount: Int { K * R * S * C }
  /// Floats of the output tensor.
  public var outputCount: Int { N * P * Q * K }

  /// Multiply-accumulates of the direct algorithm, padding included as if it were data.
  ///
  /// The same count holds for backward-data and for backward-weights.
  public var macs: MACs { MACs(outputCount * R * S * C) }

  /// Whether the input, read as `N·H·W × C`, already is the matrix of a plain product.
  public var isPointwise: Bool { R == 1 && S == 1 && stride == 1 && padding == 0 }

  /// The same shape for another number of images.
  public func withBatch(_ batch: Int) -> ConvShape {
    var copy = self
    copy.N = batch
    return copy
  }

  /// The shape in benchdnn's manner, for example `n1c64h56w56k64r3s3u1p1`.
  public var description: String {
    "n\(N)c\(C)h\(H)w\(W)k\(K)r\(R)s\(S)u\(stride)p\(padding)"
  }
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
