import Basics
import Kernels
import Tensors

/// A convolution by plain loops; `Convolution` is the fast one.
///
/// It slides over one to three dimensions, may be transposed, and its filters may be computed.
/// Tensors are as ONNX has them, channels outside the pixels.
package struct LoopConvolution: Operator {
  /// The window along one dimension.
  package struct Axis: Hashable, Sendable {
    /// Distance between windows, or between elements of the input of a transposed one.
    package var stride: Int
    /// Distance between taps.
    package var dilation: Int
    /// Border before the first element; what a transposed one leaves out there.
    package var before: Int
    /// Border behind the last one; what a transposed one leaves out there.
    package var after: Int
    /// What a transposed one is longer behind its last element.
    package var extra: Int

    package init(
      stride: Int = 1, dilation: Int = 1, before: Int = 0, after: Int = 0, extra: Int = 0
    ) {
      (self.stride, self.dilation, self.extra) = (stride, dilation, extra)
      (self.before, self.after) = (before, after)
    }
  }

  /// The windows, the outermost dimension first.
  package var axes: [Axis]
  /// Parts of the channels that do not see one another.
  package var groups: Int
  /// Whether it is the transposed one, whose filters lie `C × K / groups × window`.
  package var isTransposed: Bool

  package init(axes: [Axis], groups: Int = 1, isTransposed: Bool = false) {
    (self.axes, self.groups, self.isTransposed) = (axes, groups, isTransposed)
  }

  package func outputs(_ inputs: [TensorType]) throws(Problem) -> [TensorType] {
    let types = inputs.map(\.dimensions)
    guard (2...3).contains(inputs.count), inputs.allSatisfy({ $0.element == .f32 }),
      types[0].count == axes.count + 2, !types[0].dropFirst().contains(.batch),
      let image = types[0].lengths(images: 1),
      let filters = types[1].lengths(images: nil), filters.count == image.count,
      (1...3).contains(axes.count), groups > 0, image[1] % groups == 0
    else { throw Problem(.malformed, "\(inputs) cannot be convolved") }
    let (width, depth) = isTransposed ? (filters[1], filters[0]) : (filters[0], filters[1])
    let (count, overflows) = width.multipliedReportingOverflow(by: isTransposed ? groups : 1)
    guard !overflows, depth == (isTransposed ? image[1] : image[1] / groups),
      count % groups == 0, inputs.count == 2 || types[2] == [.fixed(count)]
    else { throw Problem(.malformed, "\(inputs) do not fit in \(groups) groups") }
    var dimensions = types[0]
    dimensions[1] = .fixed(count)
    for (index, axis) in axes.enumerated() {
      guard let window = axis.window(image[2 + index], filters[2 + index], isTransposed) else {
        throw Problem(.malformed, "\(inputs) have no windows along axis \(2 + index)")
      }
      dimensions[2 + index] = .fixed(window.window.count)
    }
    return [TensorType(.f32, dimensions)]
  }

  /// The convolution of some images.
  ///
  /// - Parameters:
  ///   - images: Shape of the input.
  ///   - filters: Shape of the filters.
  /// - Returns: The kernel.
  package func convolution(_ images: Shape, _ filters: Shape) -> PlainConvolution {
    PlainConvolution(
      images: images.dimensions[0], channels: images.dimensions[1],
      filters: isTransposed ? filters.dimensions[1] * groups : filters.dimensions[0],
      groups: groups, axes: windows(images, filters), isTransposed: isTransposed)
  }

  package func reference(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    reference(inputs, on: .alone)
  }

  package func reference(
    _ inputs: [ReferenceTensor], on pool: ThreadPool
  ) -> [ReferenceTensor] {
    let (image, filters) = (inputs[0].shape.dimensions, inputs[1].shape.dimensions)
    let windows = windows(inputs[0].shape, inputs[1].shape).map(\.window)
    let (given, size) = (Array(image[2...]), Array(filters[2...]))
    let target = windows.map(\.count)
    let count = isTransposed ? filters[1] * groups : filters[0]
    let (depth, width) = (image[1] / groups, count / groups)
    guard let shape = Shape([image[0], count] + target) else { return [] }
    let (area, taps, pixels) = (
      given.reduce(1, *), size.reduce(1, *), target.reduce(1, *)
    )
    // For each tap and each window the element that they meet: a window of the one is a pixel of
    // the other, which a transposed one writes to.
    let (own, others) = isTransposed ? (given, target) : (target, given)
    let places = (0..<taps).map { tap in
      (0..<own.reduce(1, *)).map { place($0, of: own, tap, of: size, in: others) ?? -1 }
    }
    let values = PlainProduct.rows(image[0] * count, width: pixels, on: pool) { plane, sums in
      let k = plane % count
      if inputs.count > 2 {
        for pixel in 0..<pixels { sums[pixel] = inputs[2].values[k] }
      }
      for d in 0..<depth {
        let channel = k / width * depth + d
        let first = (plane / count * image[1] + channel) * area
        let filter = isTransposed ? channel * width + k % width : k * depth + d
        for tap in 0..<taps {
          let factor = inputs[1].values[filter * taps + tap]
          for (pixel, other) in places[tap].enumerated() where other >= 0 {
            let (from, to) = isTransposed ? (pixel, other) : (other, pixel)
            sums[to] += inputs[0].values[first + from] * factor
          }
        }
      }
    }
    return [ReferenceTensor(shape, values)]
  }

  /// Where a tap of a window lies; nil beyond the lengths.
  private func place(
    _ window: Int, of windows: [Int], _ tap: Int, of size: [Int], in lengths: [Int]
  ) -> Int? {
    var (window, tap, result, stride) = (window, tap, 0, 1)
    for index in axes.indices.reversed() {
      let axis = axes[index]
      let place =
        window % windows[index] * axis.stride + tap % size[index] * axis.dilation - axis.before
      guard (0..<lengths[index]).contains(place) else { return nil }
      result += place * stride
      stride *= lengths[index]
      window /= windows[index]
      tap /= size[index]
    }
    return result
  }

  private func windows(_ images: Shape, _ filters: Shape) -> [PlainConvolution.Axis] {
    axes.indices.map { index in
      let (length, size) = (images.dimensions[2 + index], filters.dimensions[2 + index])
      guard let window = axes[index].window(length, size, isTransposed) else {
        preconditionFailure("no windows on \(images)")
      }
      return window
    }
  }
}

extension LoopConvolution.Axis {
  /// The windows of a size over a length; nil where there is none.
  package func window(
    _ length: Int, _ size: Int, _ isTransposed: Bool
  ) -> PlainConvolution.Axis? {
    // The limit keeps every sum and product below within 64 bits.
    guard [stride, dilation, size, length].allSatisfy({ (1..<1 << 31).contains($0) }),
      [before, after, extra].allSatisfy({ (0..<1 << 31).contains($0) })
    else { return nil }
    let extent = (size - 1) * dilation + 1
    if isTransposed {
      // Not more than the product of two of them, which is below 2^62.
      let count = (length - 1) * stride + extra + extent - before - after
      guard (1..<1 << 31).contains(count) else { return nil }
      let window = WindowShape.Axis(
        length: length, window: size, stride: 1, dilation: dilation, before: extent - 1 - before,
        after: 0, count: count)
      return PlainConvolution.Axis(window, spread: stride)
    }
    let room = length + before + after - extent
    guard room >= 0, extra == 0 else { return nil }
    return PlainConvolution.Axis(
      WindowShape.Axis(
        length: length, window: size, stride: stride, dilation: dilation, before: before,
        after: after, count: room / stride + 1))
  }
}
