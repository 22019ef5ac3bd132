/// A number for rows and one for columns.
public struct PerAxis: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  /// From row to row.
  public var vertical: Int
  /// From column to column.
  public var horizontal: Int

  /// Names both.
  public init(_ vertical: Int, _ horizontal: Int) {
    (self.vertical, self.horizontal) = (vertical, horizontal)
  }

  /// The same for both.
  public init(_ both: Int) { self.init(both, both) }
  /// The same for both.
  public init(integerLiteral both: Int) { self.init(both, both) }

  /// Whether rows and columns have the same.
  public var isSquare: Bool { vertical == horizontal }
  /// One number where rows and columns have the same, else both joined by `x`.
  public var description: String {
    isSquare ? "\(vertical)" : "\(vertical)x\(horizontal)"
  }
}

/// The dimensions of a two-dimensional convolution, in the letters of the cuDNN paper.
///
/// Input `N H W C`, filters `K R S C/groups`, output `N P Q K`; all float32, innermost dimension
/// last.
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
  /// Distance between windows.
  public var strides: PerAxis
  /// Zeros added on each side.
  public var paddings: PerAxis
  /// Distance between the taps of a window.
  public var dilations: PerAxis
  /// Parts of input and output channels that do not see one another.
  public var groups: Int

  /// Makes a shape; the padded input must hold at least one window.
  public init(
    N: Int, C: Int, H: Int, W: Int, K: Int, R: Int, S: Int, stride: Int = 1, padding: Int = 0
  ) {
    guard
      let shape = ConvShape(
        checking: N, C: C, H: H, W: W, K: K, window: PerAxis(R, S), strides: PerAxis(stride),
        paddings: PerAxis(padding))
    else {
      preconditionFailure("no window of \(R)x\(S) on \(N)x\(H)x\(W)x\(C) for \(K) filters")
    }
    self = shape
  }

  /// Makes a shape of any kind, or nil where there is no window, or channels do not divide.
  public init?(
    checking N: Int, C: Int, H: Int, W: Int, K: Int, window: PerAxis, strides: PerAxis = 1,
    paddings: PerAxis = 0, dilations: PerAxis = 1, groups: Int = 1
  ) {
    let sizes = [N, C, H, W, K, window.vertical, window.horizontal, groups]
    let steps = [strides.vertical, strides.horizontal, dilations.vertical, dilations.horizontal]
    let limit = 1 << 31
    guard (sizes + steps).allSatisfy({ (1..<limit).contains($0) }),
      (0..<limit).contains(paddings.vertical), (0..<limit).contains(paddings.horizontal),
      C % groups == 0, K % groups == 0,
      H + 2 * paddings.vertical > dilations.vertical * (window.vertical - 1),
      W + 2 * paddings.horizontal > dilations.horizontal * (window.horizontal - 1)
    else { return nil }
    (self.N, self.C, self.H, self.W) = (N, C, H, W)
    (self.K, self.R, self.S) = (K, window.vertical, window.horizontal)
    (self.strides, self.paddings) = (strides, paddings)
    (self.dilations, self.groups) = (dilations, groups)
  }

  /// Distance between windows, where it is the same in both directions.
  public var stride: Int { strides.vertical }
  /// Zeros on each side, where they are the same in both directions.
  public var padding: Int { paddings.vertical }

  /// Whether strides are the same in both directions, and windows dense over all channels, as
  /// gradients and transforms need it.
  public var isPlain: Bool { strides.isSquare && dilations == 1 && groups == 1 }

  /// Whether each channel has one filter of its own.
  public var isDepthwise: Bool { groups == C && K == C && C > 1 }

  /// Output rows.
  public var P: Int {
    (H + 2 * paddings.vertical - dilations.vertical * (R - 1) - 1) / strides.vertical + 1
  }
  /// Output columns.
  public var Q: Int {
    (W + 2 * paddings.horizontal - dilations.horizontal * (S - 1) - 1) / strides.horizontal + 1
  }

  /// The input row under filter row `r` of output row `p`; outside the image in the padding.
  @inlinable
  public func row(_ p: Int, _ r: Int) -> Int {
    p * strides.vertical + r * dilations.vertical - paddings.vertical
  }

  /// The input column under filter column `s` of output column `q`.
  @inlinable
  public func column(_ q: Int, _ s: Int) -> Int {
    q * strides.horizontal + s * dilations.horizontal - paddings.horizontal
  }

  /// Floats of the input tensor.
  public var inputCount: Int { N * H * W * C }
  /// Floats of the filter tensor.
  public var filterCount: Int { K * R * S * (C / groups) }
  /// Floats of the output tensor.
  public var outputCount: Int { N * P * Q * K }

  /// Multiply-accumulates of the direct algorithm, padding included as if it were data.
  ///
  /// The same count holds for backward-data and for backward-weights.
  public var macs: MACs { MACs(outputCount * R * S * (C / groups)) }

  /// Whether the input, read as `N·H·W × C`, already is the matrix of a plain product.
  public var isPointwise: Bool {
    R == 1 && S == 1 && strides == 1 && paddings == 0 && groups == 1
  }

  /// Whether the `S · C` elements of a row of a window follow each other in the image.
  var hasContiguousWindowRows: Bool { groups == 1 && dilations.horizontal == 1 }

  /// The same shape for another number of images.
  public func withBatch(_ batch: Int) -> ConvShape {
    var copy = self
    copy.N = batch
    return copy
  }

  /// The shape in benchdnn's manner, for example `n1c64h56w56k64r3s3u1p1`.
  public var description: String {
    "n\(N)c\(C)h\(H)w\(W)k\(K)r\(R)s\(S)u\(strides)p\(paddings)"
      + (dilations == 1 ? "" : "d\(dilations)") + (groups == 1 ? "" : "g\(groups)")
  }
}
