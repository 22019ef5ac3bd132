import Kernels

/// The dimensions of an activation, images of `H × W` pixels with `C` channels, innermost last.
package struct ActivationShape: Hashable, Sendable, CustomStringConvertible {
  /// Images.
  package var N: Int
  /// Rows.
  package var H: Int
  /// Columns.
  package var W: Int
  /// Channels.
  package var C: Int

  /// Makes a shape; each dimension is at least 1.
  package init(N: Int, H: Int, W: Int, C: Int) {
    precondition(N > 0 && H > 0 && W > 0 && C > 0, "empty activation \(N)x\(H)x\(W)x\(C)")
    (self.N, self.H, self.W, self.C) = (N, H, W, C)
  }

  /// Number of elements.
  package var count: Int { N * H * W * C }
  /// `NxHxWxC`.
  package var description: String { "\(N)x\(H)x\(W)x\(C)" }
}

/// What a node of a network computes.
package enum Layer: Hashable, Sendable {
  /// The images.
  case input(channels: Int)
  /// A convolution with square windows.
  case convolution(filters: Int, window: Int, stride: Int, padding: Int, hasBias: Bool)
  /// `γ·(x − mean) / √(variance + ε) + β`, per channel.
  case batchNorm
  /// `max(x, 0)`.
  case relu
  /// The largest value of each square window.
  case maxPool(window: Int, stride: Int, padding: Int)
  /// The mean over `side × side` nearly equal parts of the image (PyTorch's adaptive pooling).
  case averagePool(side: Int)
  /// The sum of two inputs.
  case add
  /// A fully connected layer over all that one image has; weights in the order `C H W`.
  case linear(outputs: Int)
  /// In training, zeroes elements and scales up the others; in inference, nothing.
  case dropout(probability: Double)

  /// The output's shape, or nil when the input is too small for the window.
  package func outputShape(_ input: ActivationShape) -> ActivationShape? {
    switch self {
    case .input, .batchNorm, .relu, .add, .dropout: return input
    case .convolution(let filters, let window, let stride, let padding, _):
      return windowed(input, window, stride, padding, channels: filters)
    case .maxPool(let window, let stride, let padding):
      return windowed(input, window, stride, padding, channels: input.C)
    case .averagePool(let side):
      return ActivationShape(N: input.N, H: side, W: side, C: input.C)
    case .linear(let outputs):
      return ActivationShape(N: input.N, H: 1, W: 1, C: outputs)
    }
  }

  /// The convolution that this layer is, a fully connected layer being one of 1x1 pixels.
  ///
  /// - Parameter input: The layer's input.
  /// - Returns: nil for layers without filters.
  package func convShape(_ input: ActivationShape) -> ConvShape? {
    switch self {
    case .convolution(let filters, let window, let stride, let padding, _):
      ConvShape(
        N: input.N, C: input.C, H: input.H, W: input.W, K: filters, R: window, S: window,
        stride: stride, padding: padding)
    case .linear(let outputs):
      ConvShape(
        N: input.N, C: input.H * input.W * input.C, H: 1, W: 1, K: outputs, R: 1, S: 1)
    default: nil
    }
  }

  private func windowed(
    _ input: ActivationShape, _ window: Int, _ stride: Int, _ padding: Int, channels: Int
  ) -> ActivationShape? {
    let (height, width) = (input.H + 2 * padding - window, input.W + 2 * padding - window)
    guard height >= 0, width >= 0 else { return nil }
    return ActivationShape(
      N: input.N, H: height / stride + 1, W: width / stride + 1, C: channels)
  }
}
