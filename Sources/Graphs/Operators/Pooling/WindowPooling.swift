import Basics
import Glibc
import Kernels
import Tensors

/// One number of each window, of any size, over one to three dimensions.
///
/// `MaxPooling`, `AveragePooling` and `AdaptiveAveragePooling` are faster at what they take.
package struct WindowPooling: Operator {
  /// The window along one dimension.
  package struct Axis: Hashable, Sendable {
    /// Taps.
    package var size: Int
    /// Distance between windows.
    package var stride: Int
    /// Distance between taps.
    package var dilation: Int
    /// Border before the first element.
    package var before: Int
    /// Border behind the last one.
    package var after: Int

    package init(size: Int, stride: Int = 1, dilation: Int = 1, before: Int = 0, after: Int = 0) {
      (self.size, self.stride, self.dilation) = (size, stride, dilation)
      (self.before, self.after) = (before, after)
    }
  }

  /// Which number.
  package var summary: WindowPool.Summary
  /// The windows, the outermost dimension first.
  package var axes: [Axis]
  /// Whether a last window may reach beyond the border, as long as it begins before it.
  package var roundsUp: Bool
  /// Whether channels lie innermost, and not between the batch and the pixels.
  package var isChannelsLast: Bool

  package init(
    _ summary: WindowPool.Summary, axes: [Axis], roundsUp: Bool = false, isChannelsLast: Bool = true
  ) {
    (self.summary, self.axes) = (summary, axes)
    (self.roundsUp, self.isChannelsLast) = (roundsUp, isChannelsLast)
  }

  package var canWriteRange: Bool { isChannelsLast }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    try require(1, of: inputs)
    var dimensions = inputs[0].dimensions
    guard inputs[0].element == .f32, dimensions.count == axes.count + 2,
      (1...3).contains(axes.count)
    else { throw Problem(.malformed, "\(inputs[0]) has no windows of \(axes.count) dimensions") }
    for (index, axis) in axes.enumerated() {
      let place = index + (isChannelsLast ? 1 : 2)
      guard let length = dimensions[place].length, let window = axis.window(length, roundsUp) else {
        throw Problem(.malformed, "\(inputs[0]) has no window of \(axis.size) along \(place)")
      }
      dimensions[place] = .fixed(window.count)
    }
    return [TensorType(.f32, dimensions)]
  }

  /// The windows over some images.
  package func windows(_ images: Shape) -> WindowShape {
    let lengths = images.dimensions
    let pixels = isChannelsLast ? lengths[1..<lengths.count - 1] : lengths[2...]
    let windows = zip(axes, pixels).compactMap { $0.window($1, roundsUp) }
    precondition(windows.count == pixels.count, "no windows on \(images)")
    return isChannelsLast
      ? WindowShape(images: images.N, channels: images.C, axes: windows)
      : WindowShape(images: lengths[0] * lengths[1], channels: 1, axes: windows)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    let shape = windows(inputs[0].shape)
    var target = inputs[0].shape.dimensions
    target.replaceSubrange(
      isChannelsLast ? 1..<target.count - 1 : 2..<target.count,
      with: shape.axes.suffix(axes.count).map(\.count))
    guard let target = Shape(target) else { return [] }
    let (a, b, c) = (shape.axes[0], shape.axes[1], shape.axes[2])
    return [
      ReferenceTensor(target, on: pool) { index in
        let (channel, pixel) = (index % shape.channels, index / shape.channels)
        let (r, q) = (pixel % c.count, pixel / c.count % b.count)
        let (p, image) = (
          pixel / c.count / b.count % a.count, pixel / c.count / b.count / a.count
        )
        var (values, border) = ([Double](), 0)
        for i in 0..<a.window {
          for j in 0..<b.window {
            for k in 0..<c.window {
              let (x, y, z) = (a.place(p, i), b.place(q, j), c.place(r, k))
              if a.holds(x) && b.holds(y) && c.holds(z) {
                let line = (image * a.length + x) * b.length + y
                values.append(
                  inputs[0].values[(line * c.length + z) * shape.channels + channel])
              } else if a.reaches(x) && b.reaches(y) && c.reaches(z) {
                border += 1
              }
            }
          }
        }
        return summary.number(values, border: border)
      }
    ]
  }
}

extension WindowPooling.Axis {
  /// The windows over a length; nil where there is none, or one that sees the border alone.
  package func window(_ length: Int, _ roundsUp: Bool) -> WindowShape.Axis? {
    // The limit keeps every sum and product below within 64 bits.
    guard [size, stride, dilation].allSatisfy({ (1..<1 << 31).contains($0) }),
      [before, after].allSatisfy({ (0..<1 << 31).contains($0) }), length > 0
    else { return nil }
    let extent = (size - 1) * dilation + 1
    let room = length + before + after - extent
    guard before < extent, after < extent, room >= 0 else { return nil }
    var count = room / stride + 1
    if roundsUp, room % stride > 0, count * stride < length + before { count += 1 }
    return WindowShape.Axis(
      length: length, window: size, stride: stride, dilation: dilation, before: before,
      after: after, count: count)
  }
}

extension WindowShape.Axis {
  fileprivate func place(_ window: Int, _ tap: Int) -> Int {
    window * stride - before + tap * dilation
  }

  /// Whether there is an element at a place.
  fileprivate func holds(_ place: Int) -> Bool { (0..<length).contains(place) }

  /// Whether a place lies before the end of the border.
  fileprivate func reaches(_ place: Int) -> Bool { place < length + after }
}

extension WindowPool.Summary {
  /// The number of the elements under a window, and of so many taps on the border.
  fileprivate func number(_ values: [Double], border: Int) -> Double {
    switch self {
    case .maximum: return values.max() ?? -.infinity
    case .mean(let countsBorder):
      let count = values.count + (countsBorder ? border : 0)
      return values.reduce(0, +) / Double(max(count, 1))
    case .norm(let p):
      let sum = values.reduce(0) { $0 + pow(abs($1), Double(p)) }
      return pow(sum, 1 / Double(p))
    }
  }
}
