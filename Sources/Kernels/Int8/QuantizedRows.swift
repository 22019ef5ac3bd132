import CShims

/// Rows of a tensor of any element: where row 0 begins, and elements from row to row.
public struct PitchedRows<Pointer> {
  /// Element 0 of row 0.
  public var start: Pointer
  /// Elements from a row to the next.
  public var pitch: Int

  /// Names both.
  public init(_ start: Pointer, pitch: Int) { (self.start, self.pitch) = (start, pitch) }
}

/// Conversions from float32 to bytes, back, and from one quantization to another, in the pool's
/// threads; exactly ONNX's QuantizeLinear and DequantizeLinear.
///
/// Rows are the pixels of all images, or any part of their channels. Output and input may share
/// memory where elements are of one size and rows lie alike.
public enum QuantizedRows {
  /// `saturate(round(x / scale) + zeroPoint)`, within the bytes of a range; NaN is the least.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - channels: Elements of a row.
  ///   - source: Floats.
  ///   - target: Overwritten.
  ///   - range: What the bytes stand for, and which of them may occur.
  ///   - pool: Runs the work.
  public static func quantize(
    rows: Int, channels: Int, from source: PitchedRows<UnsafePointer<Float>>,
    to target: PitchedRows<UnsafeMutablePointer<UInt8>>, as range: QuantizedRange, pool: ThreadPool
  ) {
    let scale = range.quantization.scale
    let divisor = FloatVector(repeating: scale)
    let store = StepStore(range)
    let isDense = source.pitch == channels && target.pitch == channels
    forEachRun(rows, channels, isDense: isDense, pool) { row, items in
      let x = source.start + row * source.pitch
      let y = target.start + row * target.pitch
      var i = items.lowerBound
      while i + WordTileLimits.lanes <= items.upperBound {
        store(UnsafeRawPointer(x + i).floats() / divisor, y + i)
        i += WordTileLimits.lanes
      }
      while i < items.upperBound {
        y[i] = range.byte(ofSteps: x[i] / scale)
        i += 1
      }
    }
  }

  /// `scale · (x − zeroPoint)`.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - channels: Elements of a row.
  ///   - source: Bytes.
  ///   - quantization: What they stand for.
  ///   - target: Floats; overwritten.
  ///   - pool: Runs the work.
  public static func dequantize(
    rows: Int, channels: Int, from source: PitchedRows<UnsafePointer<UInt8>>,
    of quantization: Quantization, to target: PitchedRows<UnsafeMutablePointer<Float>>,
    pool: ThreadPool
  ) {
    let factor = FloatVector(repeating: quantization.scale)
    let zero = Int32(quantization.zeroPoint)
    let isDense = source.pitch == channels && target.pitch == channels
    forEachRun(rows, channels, isDense: isDense, pool) { row, items in
      let x = source.start + row * source.pitch
      let y = target.start + row * target.pitch
      var i = items.lowerBound
      while i + WordTileLimits.lanes <= items.upperBound {
        UnsafeMutableRawPointer(y + i).storeBytes(
          of: costcurve_load_steps(x + i, zero) * factor, as: FloatVector.self)
        i += WordTileLimits.lanes
      }
      while i < items.upperBound {
        y[i] = quantization.real(x[i])
        i += 1
      }
    }
  }

  /// The bytes of another quantization: dequantized and quantized again; copied where it is the
  /// same.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - channels: Elements of a row.
  ///   - source: Bytes.
  ///   - quantization: What they stand for.
  ///   - target: Overwritten.
  ///   - range: What the new bytes stand for, and which of them may occur.
  ///   - pool: Runs the work.
  public static func requantize(
    rows: Int, channels: Int, from source: PitchedRows<UnsafePointer<UInt8>>,
    of quantization: Quantization, to target: PitchedRows<UnsafeMutablePointer<UInt8>>,
    as range: QuantizedRange, pool: ThreadPool
  ) {
    let scale = range.quantization.scale
    let (factor, divisor) = (
      FloatVector(repeating: quantization.scale), FloatVector(repeating: scale)
    )
    let zero = Int32(quantization.zeroPoint)
    let isCopy = range == QuantizedRange(quantization)
    let store = StepStore(range)
    let isDense = source.pitch == channels && target.pitch == channels
    forEachRun(rows, channels, isDense: isDense, pool) { row, items in
      let x = source.start + row * source.pitch
      let y = target.start + row * target.pitch
      var i = items.lowerBound
      if isCopy {
        (y + i).update(from: x + i, count: items.count)
        return
      }
      while i + WordTileLimits.lanes <= items.upperBound {
        store(costcurve_load_steps(x + i, zero) * factor / divisor, y + i)
        i += WordTileLimits.lanes
      }
      while i < items.upperBound {
        y[i] = range.byte(ofSteps: quantization.real(x[i]) / scale)
        i += 1
      }
    }
  }

  /// Calls `body` with parts of rows; of one row of all elements where rows follow without gaps.
  @inline(__always)
  static func forEachRun(
    _ rows: Int, _ channels: Int, isDense: Bool, _ pool: ThreadPool,
    _ body: (_ row: Int, _ items: Range<Int>) -> Void
  ) {
    if isDense {
      pool.forEachShare(of: rows * channels, grain: 4096) { body(0, $0) }
    } else {
      pool.forEachShare(of: rows, grain: 16) { rows in
        for row in rows { body(row, 0..<channels) }
      }
    }
  }
}

/// Stores vectors of any steps as the bytes of a range.
struct StepStore {
  private let (least, most): (FloatVector, FloatVector)
  private let range: costcurve_byte_range

  init(_ range: QuantizedRange) {
    least = FloatVector(repeating: range.leastSteps)
    most = FloatVector(repeating: range.mostSteps)
    self.range = range.bytes
  }

  /// Rounds and saturates; NaN is the least.
  @inline(__always)
  func callAsFunction(_ steps: FloatVector, _ target: UnsafeMutablePointer<UInt8>) {
    costcurve_store_bytes(target, costcurve_clamp(steps, least, most), range)
  }
}
