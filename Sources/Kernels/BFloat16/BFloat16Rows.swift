import CShims
import Tensors

/// Conversions of bfloat16 from float32 and back, and what goes element by element, in the pool's
/// threads.
///
/// Arithmetic is that of float32 on the widened numbers, rounded once.
public enum BFloat16Rows {
  /// Elements that stay together.
  static let grain = 4096

  /// The nearest bfloat16 of each float.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - source: Floats.
  ///   - target: Overwritten, apart from the source.
  ///   - pool: Runs the work.
  public static func round(
    count: Int, from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<BFloat16>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      round(source + items.lowerBound, count: items.count, to: target + items.lowerBound)
    }
  }

  /// The same in the calling thread.
  static func round(
    _ source: UnsafePointer<Float>, count: Int, to target: UnsafeMutableRawPointer
  ) {
    let lanes = WordTileLimits.lanes
    var i = 0
    while i + lanes <= count {
      costcurve_store_bfloats(target + 2 * i, UnsafeRawPointer(source + i).floats())
      i += lanes
    }
    while i < count {
      target.storeBytes(of: BFloat16(source[i]).bits, toByteOffset: 2 * i, as: UInt16.self)
      i += 1
    }
  }

  /// Each bfloat16 as a float, exactly.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - source: What is widened.
  ///   - target: Overwritten, apart from the source.
  ///   - pool: Runs the work.
  public static func widen(
    count: Int, from source: UnsafePointer<BFloat16>, to target: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      widen(source + items.lowerBound, count: items.count, to: target + items.lowerBound)
    }
  }

  /// The same in the calling thread.
  static func widen(
    _ source: UnsafePointer<BFloat16>, count: Int, to target: UnsafeMutablePointer<Float>
  ) {
    let lanes = WordTileLimits.lanes
    var i = 0
    while i + lanes <= count {
      UnsafeMutableRawPointer(target + i).storeBytes(
        of: costcurve_load_bfloats(source + i), as: FloatVector.self)
      i += lanes
    }
    while i < count {
      target[i] = source[i].value
      i += 1
    }
  }

  /// `output = max(input, 0)`, NaN kept.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - input: May be `output` itself.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func relu(
    count: Int, input: UnsafePointer<BFloat16>, output: UnsafeMutablePointer<BFloat16>,
    pool: ThreadPool
  ) {
    pool.forEachShare(of: count, grain: grain) { items in
      for i in items {
        // Negative numbers are those above minus zero up to minus infinity.
        let isNegative = input[i].bits > 0x8000 && input[i].bits <= 0xFF80
        output[i] = isNegative ? BFloat16(bits: 0) : input[i]
      }
    }
  }

  /// `output = a + b`.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - a: May be `output` itself.
  ///   - b: The same.
  ///   - output: Overwritten.
  ///   - pool: Runs the work.
  public static func add(
    count: Int, _ a: UnsafePointer<BFloat16>, _ b: UnsafePointer<BFloat16>,
    output: UnsafeMutablePointer<BFloat16>, pool: ThreadPool
  ) {
    let lanes = WordTileLimits.lanes
    pool.forEachShare(of: count, grain: grain) { items in
      var i = items.lowerBound
      while i + lanes <= items.upperBound {
        costcurve_store_bfloats(
          output + i, costcurve_load_bfloats(a + i) + costcurve_load_bfloats(b + i))
        i += lanes
      }
      while i < items.upperBound {
        output[i] = BFloat16(a[i].value + b[i].value)
        i += 1
      }
    }
  }
}
