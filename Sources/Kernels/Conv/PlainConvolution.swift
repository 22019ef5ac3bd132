/// Convolutions by plain loops in the pool's threads: over up to three dimensions, transposed ones,
/// and those whose filters are computed in the run.
///
/// Tensors are as ONNX has them, channels outside the pixels. A transposed convolution is one over an
/// input with `spread − 1` zeros between its elements, its filters turned round. Everything else is
/// faster by what `ConvAlgorithm` chooses among.
///
/// Error: float32 sums in the order channel, tap, so about `depth · 2⁻²⁴` relative to the sum of the
/// products' magnitudes.
public struct PlainConvolution: Sendable {
  /// One of the dimensions.
  public struct Axis: Hashable, Sendable {
    /// The input's, window's, stride, dilation and border; `count` is the output's length.
    public var window: WindowShape.Axis
    /// Distance between elements of the input, zeros between them; 1 unless transposed.
    public var spread: Int

    /// Joins both.
    public init(_ window: WindowShape.Axis, spread: Int = 1) {
      (self.window, self.spread) = (window, spread)
    }

    /// The element that a tap of a window meets; nil on the border and on zeros between elements.
    @inline(__always)
    func element(_ index: Int, _ tap: Int) -> Int? {
      let place = index * window.stride + tap * window.dilation - window.before
      guard place >= 0, spread == 1 || place % spread == 0 else { return nil }
      let element = place / spread
      return element < window.length ? element : nil
    }
  }

  private let images: Int
  private let (channels, filters, groups): (Int, Int, Int)
  private let axes: [Axis]
  private let isTransposed: Bool

  /// Fixes the dimensions.
  ///
  /// - Parameters:
  ///   - images: Tensors side by side.
  ///   - channels: Of the input, a multiple of `groups`.
  ///   - filters: Channels of the output, a multiple of `groups`.
  ///   - groups: Parts of the channels that do not see one another.
  ///   - axes: One to three dimensions, the outermost first.
  ///   - isTransposed: Whether filters lie `channels × filters / groups × window`, turned round, and
  ///     not `filters × channels / groups × window`.
  public init(
    images: Int, channels: Int, filters: Int, groups: Int, axes: [Axis], isTransposed: Bool
  ) {
    precondition((1...3).contains(axes.count) && channels % groups == 0 && filters % groups == 0)
    (self.images, self.channels, self.filters) = (images, channels, filters)
    (self.groups, self.isTransposed) = (groups, isTransposed)
    self.axes = [Axis](repeating: Axis(.single), count: 3 - axes.count) + axes
  }

  /// Multiply-accumulates of the definition, the border included as if it were data.
  ///
  /// Each element of the output meets every tap of its group's channels; of the input, where it is
  /// transposed.
  public var macs: MACs {
    let taps = axes.reduce(1) { $0 * $1.window.window }
    let pixels = axes.reduce(1) { $0 * (isTransposed ? $1.window.length : $1.window.count) }
    return MACs(images * pixels * channels * (filters / groups) * taps)
  }

  /// Writes the output.
  ///
  /// - Parameters:
  ///   - input: `images × channels × lengths` floats.
  ///   - weights: The filters.
  ///   - bias: One number a filter, or nil.
  ///   - output: `images × filters × counts`; overwritten, apart from the rest.
  ///   - pool: Runs the work.
  public func run(
    input: UnsafePointer<Float>, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    output: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (a, b, c) = (axes[0], axes[1], axes[2])
    let (area, size) = (
      a.window.length * b.window.length * c.window.length,
      a.window.count * b.window.count * c.window.count
    )
    let taps = a.window.window * b.window.window * c.window.window
    let (depth, width) = (channels / groups, filters / groups)
    pool.forEachShare(of: images * filters) { planes in
      for plane in planes {
        let (image, k) = (plane / filters, plane % filters)
        let target = output + plane * size
        target.update(repeating: bias?[k] ?? 0, count: size)
        for d in 0..<depth {
          let channel = k / width * depth + d
          let source = input + (image * channels + channel) * area
          let filter =
            weights + (isTransposed ? channel * width + k % width : k * depth + d) * taps
          for tap in 0..<taps {
            let weight = filter[isTransposed ? taps - 1 - tap : tap]
            add(source, weight, tap, target)
          }
        }
      }
    }
  }

  /// Adds one tap's products to a plane of the output.
  private func add(
    _ source: UnsafePointer<Float>, _ weight: Float, _ tap: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    let (a, b, c) = (axes[0], axes[1], axes[2])
    let column = tap % c.window.window
    let row = tap / c.window.window % b.window.window
    let plane = tap / c.window.window / b.window.window
    for p in 0..<a.window.count {
      guard let i = a.element(p, plane) else { continue }
      for q in 0..<b.window.count {
        guard let j = b.element(q, row) else { continue }
        let values = source + (i * b.window.length + j) * c.window.length
        let sums = target + (p * b.window.count + q) * c.window.count
        for r in 0..<c.window.count {
          guard let k = c.element(r, column) else { continue }
          sums[r] += weight * values[k]
        }
      }
    }
  }
}
