import CShims

/// The sum of two tensors of bytes, each of its own quantization, in the pool's threads.
///
/// `round(fma(b − zeroPoint, s_b / s, (a − zeroPoint) · (s_a / s)))`: the bits of
/// `Int8Epilogue.added` where `a` is what the convolution would have stored and `b` the residual.
public enum QuantizedAddition {
  /// Writes the sum.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - channels: Elements of a row.
  ///   - a: The first term; may lie as the output does, in the same memory.
  ///   - first: What its bytes stand for.
  ///   - b: The second term; the same.
  ///   - second: What its bytes stand for.
  ///   - target: Overwritten.
  ///   - range: What the sum's bytes stand for, and which of them may occur.
  ///   - pool: Runs the work.
  public static func add(
    rows: Int, channels: Int, _ a: PitchedRows<UnsafePointer<UInt8>>, of first: Quantization,
    _ b: PitchedRows<UnsafePointer<UInt8>>, of second: Quantization,
    to target: PitchedRows<UnsafeMutablePointer<UInt8>>, as range: QuantizedRange, pool: ThreadPool
  ) {
    let scale = range.quantization.scale
    let own = FloatVector(repeating: Int8Epilogue.ratio(Double(first.scale), scale))
    let other = FloatVector(repeating: Int8Epilogue.ratio(Double(second.scale), scale))
    let (firstZero, secondZero) = (Int32(first.zeroPoint), Int32(second.zeroPoint))
    let store = StepStore(range)
    let isDense = a.pitch == channels && b.pitch == channels && target.pitch == channels
    QuantizedRows.forEachRun(rows, channels, isDense: isDense, pool) { row, items in
      let (x, z) = (a.start + row * a.pitch, b.start + row * b.pitch)
      let y = target.start + row * target.pitch
      var i = items.lowerBound
      while i + WordTileLimits.lanes <= items.upperBound {
        var steps = costcurve_load_steps(x + i, firstZero) * own
        steps.addProduct(costcurve_load_steps(z + i, secondZero), other)
        store(steps, y + i)
        i += WordTileLimits.lanes
      }
      while i < items.upperBound {
        let moved = Float(Int32(x[i]) - firstZero)
        y[i] = Int8Epilogue.sum(moved, of: first, z[i], of: second, in: range)
        i += 1
      }
    }
  }
}
