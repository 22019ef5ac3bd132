import CShims
import Tensors

/// The largest number or the mean of each window of bfloat16, vector lanes over channels, in the
/// pool's threads.
///
/// Means are float32 sums in window order, rounded once more to bfloat16.
public enum BFloat16Pool {
  /// The largest of each window; NaN where there is one.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Elements from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - pool: Runs the work.
  public static func maximum(
    _ shape: PoolShape, input: UnsafePointer<BFloat16>, output: UnsafeMutablePointer<BFloat16>,
    pitch: Int? = nil, pool: ThreadPool
  ) {
    combine(
      shape, input: input, start: -.infinity, factor: 1, output: output, pitch: pitch, pool: pool,
      by: Largest.self)
  }

  /// The mean of each window, the border counting as zeros.
  ///
  /// - Parameters:
  ///   - shape: The windows.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Elements from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - pool: Runs the work.
  public static func mean(
    _ shape: PoolShape, input: UnsafePointer<BFloat16>, output: UnsafeMutablePointer<BFloat16>,
    pitch: Int? = nil, pool: ThreadPool
  ) {
    combine(
      shape, input: input, start: 0, factor: 1 / Float(shape.window * shape.window),
      output: output, pitch: pitch, pool: pool, by: Sum.self)
  }

  /// Combines the elements under each window, times a factor.
  @inline(__always)
  private static func combine<Way: Combination>(
    _ shape: PoolShape, input: UnsafePointer<BFloat16>, start: Float, factor: Float,
    output: UnsafeMutablePointer<BFloat16>, pitch: Int?, pool: ThreadPool, by way: Way.Type
  ) {
    let images = Images(shape.C, shape.H, shape.W, input)
    pool.forEachShare(of: shape.N * shape.P * shape.Q, grain: 4) { items in
      for item in items {
        let (line, q) = (item / shape.Q, item % shape.Q)
        images.combine(
          line / shape.P, shape.inputs(under: line % shape.P, shape.H),
          shape.inputs(under: q, shape.W), start: start, factor: factor,
          output + item * (pitch ?? shape.C), by: way)
      }
    }
  }

  /// The mean of each of nearly equal parts; see `AdaptivePoolShape`.
  ///
  /// - Parameters:
  ///   - shape: The parts.
  ///   - input: `N H W C`.
  ///   - output: `N P Q C`; overwritten.
  ///   - pitch: Elements from a pixel of the output to the next, `C` or more; nil for `C`.
  ///   - pool: Runs the work.
  public static func mean(
    _ shape: AdaptivePoolShape, input: UnsafePointer<BFloat16>,
    output: UnsafeMutablePointer<BFloat16>, pitch: Int? = nil, pool: ThreadPool
  ) {
    let images = Images(shape.C, shape.H, shape.W, input)
    pool.forEachShare(of: shape.N * shape.P * shape.Q) { items in
      for item in items {
        let (line, q) = (item / shape.Q, item % shape.Q)
        let (rows, columns) = (shape.rows(line % shape.P), shape.columns(q))
        images.combine(
          line / shape.P, rows, columns, start: 0,
          factor: 1 / Float(rows.count * columns.count), output + item * (pitch ?? shape.C),
          by: Sum.self)
      }
    }
  }

  /// How two numbers become one.
  private protocol Combination {
    static func combine(_ old: FloatVector, _ value: FloatVector) -> FloatVector
    static func combine(_ old: Float, _ value: Float) -> Float
  }

  private enum Largest: Combination {
    @inline(__always)
    static func combine(_ old: FloatVector, _ value: FloatVector) -> FloatVector {
      costcurve_larger(old, value)
    }

    @inline(__always)
    static func combine(_ old: Float, _ value: Float) -> Float {
      value > old || value.isNaN ? value : old
    }
  }

  private enum Sum: Combination {
    @inline(__always)
    static func combine(_ old: FloatVector, _ value: FloatVector) -> FloatVector { old + value }

    @inline(__always)
    static func combine(_ old: Float, _ value: Float) -> Float { old + value }
  }

  /// Images of bfloat16, `N H W C`.
  private struct Images {
    let (C, H, W): (Int, Int, Int)
    let start: UnsafePointer<BFloat16>

    init(_ C: Int, _ H: Int, _ W: Int, _ start: UnsafePointer<BFloat16>) {
      (self.C, self.H, self.W, self.start) = (C, H, W, start)
    }

    /// Combines some rows and columns of an image, times a factor, into one pixel.
    @inline(__always)
    func combine<Way: Combination>(
      _ image: Int, _ rows: Range<Int>, _ columns: Range<Int>, start first: Float, factor: Float,
      _ target: UnsafeMutablePointer<BFloat16>, by way: Way.Type
    ) {
      let pixels = start + image * H * W * C
      let lanes = WordTileLimits.lanes
      var c = 0
      while c + lanes <= C {
        var result = FloatVector(repeating: first)
        for h in rows {
          for w in columns {
            let value = costcurve_load_bfloats(pixels + ((h &* W &+ w) &* C &+ c))
            result = Way.combine(result, value)
          }
        }
        costcurve_store_bfloats(target + c, result * factor)
        c += lanes
      }
      while c < C {
        var result = first
        for h in rows {
          for w in columns { result = Way.combine(result, pixels[(h * W + w) * C + c].value) }
        }
        target[c] = BFloat16(result * factor)
        c += 1
      }
    }
  }
}
