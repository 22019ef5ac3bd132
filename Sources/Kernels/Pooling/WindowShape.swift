/// Windows of any size that slide over up to three dimensions of a tensor.
public struct WindowShape: Hashable, Sendable {
  /// One of the dimensions.
  public struct Axis: Hashable, Sendable {
    /// Length of the input.
    public var length: Int
    /// Taps of a window.
    public var window: Int
    /// Distance between windows.
    public var stride: Int
    /// Distance between taps.
    public var dilation: Int
    /// Border before the first element.
    public var before: Int
    /// Border behind the last element.
    public var after: Int
    /// Number of windows; the last ones may reach beyond the border.
    public var count: Int

    /// Names all.
    public init(
      length: Int, window: Int, stride: Int, dilation: Int, before: Int, after: Int, count: Int
    ) {
      precondition(length > 0 && window > 0 && stride > 0 && dilation > 0 && count > 0)
      (self.length, self.window, self.stride, self.dilation) = (length, window, stride, dilation)
      (self.before, self.after, self.count) = (before, after, count)
    }

    /// A dimension that nothing slides along.
    public static let single = Axis(
      length: 1, window: 1, stride: 1, dilation: 1, before: 0, after: 0, count: 1)

    /// The taps of a window that lie on elements.
    @inline(__always)
    func taps(_ index: Int) -> Range<Int> {
      let first = index * stride - before
      let low = first < 0 ? min((dilation - 1 - first) / dilation, window) : 0
      let high = first >= length ? 0 : min((length - 1 - first) / dilation + 1, window)
      return low..<max(low, high)
    }

    /// The element under a tap.
    @inline(__always)
    func element(_ index: Int, _ tap: Int) -> Int { index * stride - before + tap * dilation }

    /// Taps of a window that lie on elements or on the border.
    func area(_ index: Int) -> Int {
      let room = length + before + after - index * stride
      return max(0, min(window, (room + dilation - 1) / dilation))
    }
  }

  /// Tensors side by side.
  public var images: Int
  /// Elements of a pixel, which windows leave apart.
  public var channels: Int
  /// Three dimensions, the outermost first.
  public var axes: [Axis]

  /// Joins the parts; less than three dimensions are those that lie innermost.
  public init(images: Int, channels: Int, axes: [Axis]) {
    precondition((1...3).contains(axes.count), "windows over \(axes.count) dimensions")
    (self.images, self.channels) = (images, channels)
    self.axes = [Axis](repeating: .single, count: 3 - axes.count) + axes
  }

  /// Elements of the input.
  public var inputCount: Int { axes.reduce(images * channels) { $0 * $1.length } }
  /// Elements of the output.
  public var outputCount: Int { axes.reduce(images * channels) { $0 * $1.count } }
}
