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
    let width = ByteVector.scalarCount
    forEachWindow(shape, pool) { window in
      let target = UnsafeMutableRawPointer(output + window.index * pitch)
      var c = 0
      while c < C {
        if C < width {
          var best: UInt8 = 0
          window.forEachTap(input) { best = max(best, $0[c]) }
          target.storeBytes(of: best, toByteOffset: c, as: UInt8.self)
          c += 1
          continue
        }
        // The last vector may do some channels again.
        c = min(c, C - width)
        var best = ByteVector.zero
        window.forEachTap(input) {
          best = costcurve_max_bytes(best, UnsafeRawPointer($0 + c).bytes())
        }
        target.storeBytes(of: best, toByteOffset: c, as: ByteVector.self)
        c += width
      }
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
    if slides(shape) {
      return slidingMean(
        shape, countsBorder: countsBorder, input: input, of: quantization, output: output,
        as: range, pitch: pitch, pool: pool)
    }
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
        window.forEachTap(input) { sum = costcurve_add_bytes(sum, $0 + c) }
        store(costcurve_to_steps(sum, offset) * FloatVector(repeating: factor), target + c)
        c += lanes
      }
      while c < C {
        var sum = 0 &- offset
        window.forEachTap(input) { sum &+= Int32($0[c]) }
        target[c] = range.byte(ofSteps: Float(sum) * factor)
        c += 1
      }
    }
  }

  /// Windows side by side, which differ in their columns alone.
  struct Line {
    let (planeAxis, rowAxis, columnAxis): (WindowShape.Axis, WindowShape.Axis, WindowShape.Axis)
    let channels: Int
    /// The first element of its image.
    let image: Int
    /// Its place in the outer dimensions.
    let (p, q): (Int, Int)
    let (planes, rows): (Range<Int>, Range<Int>)

    init(_ shape: WindowShape, _ index: Int) {
      let (a, b, c) = (shape.axes[0], shape.axes[1], shape.axes[2])
      (planeAxis, rowAxis, columnAxis, channels) = (a, b, c, shape.channels)
      (q, p) = (index % b.count, index / b.count % a.count)
      image = index / (a.count * b.count) * a.length * b.length * c.length * shape.channels
      (planes, rows) = (a.taps(p), b.taps(q))
    }
  }

  /// One window, and the taps of it that lie on elements.
  struct Window {
    /// Which pixel of the output, over all images.
    let index: Int
    let line: Line
    /// Its place in the line.
    let place: Int
    let columns: Range<Int>

    @inline(__always)
    init(_ line: Line, place: Int, index: Int) {
      (self.index, self.line, self.place) = (index, line, place)
      columns = line.columnAxis.taps(place)
    }

    /// Taps that lie on elements or on the border.
    var area: Int {
      line.planeAxis.area(line.p) * line.rowAxis.area(line.q) * line.columnAxis.area(place)
    }

    /// Taps that lie on elements.
    var taps: Int { line.planes.count * line.rows.count * columns.count }

    /// Calls `body` with the first channel under each tap that lies on an element.
    @inline(__always)
    func forEachTap(_ input: UnsafePointer<UInt8>, _ body: (UnsafePointer<UInt8>) -> Void) {
      let (a, b, c) = (line.planeAxis, line.rowAxis, line.columnAxis)
      let first = input + line.image
      for i in line.planes {
        for j in line.rows {
          let row = (a.element(line.p, i) * b.length + b.element(line.q, j)) * c.length
          for k in columns { body(first + (row + c.element(place, k)) * line.channels) }
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
    let count = shape.axes[2].count
    pool.forEachShare(of: windows, grain: 4) { indices in
      var index = indices.lowerBound
      while index < indices.upperBound {
        let line = Line(shape, index / count)
        let first = index / count * count
        let end = min(first + count, indices.upperBound)
        while index < end {
          body(Window(line, place: index - first, index: index))
          index += 1
        }
      }
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
