import CShims

extension QuantizedPool {
  /// Whether a mean's windows are three columns wide and slide by one, so that the sum of a column
  /// serves three of them.
  static func slides(_ shape: WindowShape) -> Bool {
    let columns = shape.axes[2]
    return (columns.window, columns.stride, columns.dilation) == (3, 1, 1)
      && shape.channels >= WordTileLimits.lanes
  }

  /// `mean` where `slides`, with a third of its additions.
  static func slidingMean(
    _ shape: WindowShape, countsBorder: Bool, input: UnsafePointer<UInt8>,
    of quantization: Quantization, output: UnsafeMutablePointer<UInt8>, as range: QuantizedRange,
    pitch: Int, pool: ThreadPool
  ) {
    let (C, lanes, columns) = (shape.channels, WordTileLimits.lanes, shape.axes[2])
    let store = StepStore(range)
    let lines = shape.axes[0].count * shape.axes[1].count * shape.images
    pool.forEachShare(of: lines, grain: 1) { indices in
      for index in indices {
        let line = Line(shape, index)
        let target = output + index * columns.count * pitch
        var c = 0
        while c < C {
          // The last vector may do some channels again.
          c = min(c, C - lanes)
          var older = line.columnSum(-columns.before, input, channel: c)
          var old = line.columnSum(1 - columns.before, input, channel: c)
          var (taps, factor, offset) = (-1, Float(0), Int32(0))
          for place in 0..<columns.count {
            let new = line.columnSum(place + 2 - columns.before, input, channel: c)
            let window = Window(line, place: place, index: 0)
            let isInside = taps == window.taps && place + 3 <= columns.count
            if !isInside {
              taps = window.taps
              let area = max(1, countsBorder ? window.area : taps)
              factor = Int8Epilogue.ratio(
                Double(quantization.scale) / Double(area), range.quantization.scale)
              offset = Int32(quantization.zeroPoint) &* Int32(taps)
            }
            let steps = costcurve_to_steps(older &+ old &+ new, offset)
            store(steps * FloatVector(repeating: factor), target + place * pitch + c)
            (older, old) = (old, new)
          }
          c += lanes
        }
      }
    }
  }
}

extension QuantizedPool.Line {
  /// The sums of some channels over the taps of one column, 0 beside the image.
  @inline(__always)
  fileprivate func columnSum(
    _ column: Int, _ input: UnsafePointer<UInt8>, channel: Int
  ) -> IntVector {
    var sum = IntVector.zero
    guard column >= 0, column < columnAxis.length else { return sum }
    for i in planes {
      for j in rows {
        let row = planeAxis.element(p, i) * rowAxis.length + rowAxis.element(q, j)
        let pixel = image + (row * columnAxis.length + column) * channels
        sum = costcurve_add_bytes(sum, input + pixel + channel)
      }
    }
    return sum
  }
}
