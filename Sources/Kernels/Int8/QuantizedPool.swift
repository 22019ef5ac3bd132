import CShims

/// The largest byte or the mean of each window, channels innermost, in the pool's threads.
public enum QuantizedPool {
  /// The largest byte; 0, the smallest of all, where no tap lies on an element.
  ///
  /// Bytes are in the order of what they stand for, so the quantization stays.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - input: `images × lengths × channels`.
  ///   - output: `images × counts × channels`; overwritten, apart from the input.
  ///   - pitch: Bytes from a pixel of the output to the next, `channels` or more; nil for these.
  ///   - pool: Runs the work.
  public static func maximum(
    _ shape: WindowShape, input: UnsafePointer<UInt8>, output: UnsafeMutablePointer<UInt8>,
    pitch: Int? = nil, pool: ThreadPool
  ) {
    let (C, pitch) = (shape.channels, pitch ?? shape.channels)
    forEachWindow(shape, pool) { window in
      let best = output + window.index * pitch
      var isFirst = true
      window.forEachTap(shape, input) { values in
        if isFirst {
          best.update(from: values, count: C)
          isFirst = false
        } else {
          for c in 0..<C {
            let (value, old) = (values[c], best[c])
            best[c] = value > old ? value : old
          }
        }
      }
      if isFirst { best.update(repeating: 0, count: C) }
    }
  }

  /// The mean of what the bytes stand for.
  ///
  /// It is `round(Σ (x − zeroPoint) · (s_input / area / s_output))`, zero where no tap counts. The
  /// sum is exact, so a result is one step beside that of ONNX's definition only where a number lies
  /// within about 2⁻²² of half a step.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - countsBorder: Whether the area of a window counts taps on the border, which add nothing.
  ///   - input: `images × lengths × channels`.
  ///   - quantization: What its bytes stand for.
  ///   - output: `images × counts × channels`; overwritten, apart from the input.
  ///   - range: What the means' bytes stand for, and which of them may occur.
  ///   - pitch: Bytes from a pixel of the output to the next, `channels` or more; nil for these.
  ///   - pool: Runs the work.
  public static func mean(
    _ shape: WindowShape, countsBorder: Bool, input: UnsafePointer<UInt8>,
    of quantization: Quantization, output: UnsafeMutablePointer<UInt8>, as range: QuantizedRange,
    pitch: Int? = nil, pool: ThreadPool
  ) {
    let (C, pitch, lanes) = (shape.channels, pitch ?? shape.channels, WordTileLimits.lanes)
    let scale = Double(quantization.scale)
    let zero = Int32(quantization.zeroPoint)
    let store = StepStore(range)
    forEachWindow(shape, pool) { window in
      let target = output + window.index * pitch
      let area = max(1, countsBorder ? window.area : window.taps)
      let factor = Int8Epilogue.ratio(scale / Double(area), range.quantization.scale)
      let offset = zero &* Int32(window.taps)
      var c = 0
      while c + lanes <= C {
        var sum = IntVector.zero
        window.forEachTap(shape, input) { sum = costcurve_add_bytes(sum, $0 + c) }
        store(costcurve_to_steps(sum, offset) * FloatVector(repeating: factor), target + c)
        c += lanes
      }
      while c < C {
        var sum = 0 &- offset
        window.forEachTap(shape, input) { sum &+= Int32($0[c]) }
        target[c] = range.byte(ofSteps: Float(sum) * factor)
        c += 1
      }
    }
  }

  /// One window, and the taps of it that lie on elements.
  private struct Window {
    /// Which pixel of the output, over all images.
    let index: Int
    /// The element of the input that its image begins with.
    let image: Int
    let (planes, rows, columns): (Range<Int>, Range<Int>, Range<Int>)
    /// Its place in each dimension.
    let (p, q, r): (Int, Int, Int)
    /// Taps that lie on elements or on the border.
    let area: Int

    init(_ shape: WindowShape, _ index: Int) {
      let (a, b, c) = (shape.axes[0], shape.axes[1], shape.axes[2])
      self.index = index
      (r, q, p) = (index % c.count, index / c.count % b.count, index / c.count / b.count % a.count)
      image =
        index / (a.count * b.count * c.count) * a.length * b.length * c.length * shape.channels
      (planes, rows, columns) = (a.taps(p), b.taps(q), c.taps(r))
      area = a.area(p) * b.area(q) * c.area(r)
    }

    /// Taps that lie on elements.
    var taps: Int { planes.count * rows.count * columns.count }

    /// Calls `body` with the first channel under each tap that lies on an element.
    @inline(__always)
    func forEachTap(
      _ shape: WindowShape, _ input: UnsafePointer<UInt8>, _ body: (UnsafePointer<UInt8>) -> Void
    ) {
      let (a, b, c) = (shape.axes[0], shape.axes[1], shape.axes[2])
      let first = input + image
      for i in planes {
        for j in rows {
          let row = (a.element(p, i) * b.length + b.element(q, j)) * c.length
          for k in columns { body(first + (row + c.element(r, k)) * shape.channels) }
        }
      }
    }
  }

  /// Calls `body` with every window, in the pool's threads.
  @inline(__always)
  private static func forEachWindow(
    _ shape: WindowShape, _ pool: ThreadPool, _ body: (Window) -> Void
  ) {
    let windows = shape.axes.reduce(shape.images) { $0 * $1.count }
    pool.forEachShare(of: windows, grain: 4) { indices in
      for index in indices { body(Window(shape, index)) }
    }
  }
}

extension WindowShape {
  /// The windows of a square pool, with a border of the same width on all sides.
  public init(_ shape: PoolShape) {
    func axis(_ length: Int, _ count: Int) -> Axis {
      Axis(
        length: length, window: shape.window, stride: shape.stride, dilation: 1,
        before: shape.padding, after: shape.padding, count: count)
    }
    self.init(
      images: shape.N, channels: shape.C, axes: [axis(shape.H, shape.P), axis(shape.W, shape.Q)])
  }
}
