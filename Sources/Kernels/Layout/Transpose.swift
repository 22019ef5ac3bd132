/// Turning a matrix round, rows into columns.
enum Transpose {
  /// Writes `target[j, i] = source[i, j]`.
  ///
  /// Squares of four are turned in registers: about a third of a cycle an element where both
  /// sides are in cache.
  ///
  /// - Parameters:
  ///   - rows: Rows of the source.
  ///   - columns: Columns of the source.
  ///   - source: Row 0, column 0.
  ///   - sourceStride: Distance between its rows, in floats.
  ///   - target: Row 0, column 0; may not overlap the source.
  ///   - targetStride: Distance between its rows, in floats.
  static func write(
    rows: Int, columns: Int, _ source: UnsafePointer<Float>, stride sourceStride: Int,
    to target: UnsafeMutablePointer<Float>, stride targetStride: Int
  ) {
    let (wholeRows, wholeColumns) = (rows & ~3, columns & ~3)
    // Sixteen columns at a time: a cache line of the source is used up before the next.
    for first in stride(from: 0, to: wholeColumns, by: 16) {
      for i in stride(from: 0, to: wholeRows, by: 4) {
        for j in stride(from: first, to: min(first + 16, wholeColumns), by: 4) {
          square(
            source + (i &* sourceStride &+ j), sourceStride,
            target + (j &* targetStride &+ i), targetStride)
        }
      }
    }
    for i in 0..<rows {
      for j in (i < wholeRows ? wholeColumns : 0)..<columns {
        target[j * targetStride + i] = source[i * sourceStride + j]
      }
    }
  }

  @inline(__always)
  private static func square(
    _ source: UnsafePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>,
    _ targetStride: Int
  ) {
    let raw = UnsafeRawPointer(source)
    let step = sourceStride &* MemoryLayout<Float>.stride
    let a = raw.loadUnaligned(as: SIMD4<Float>.self)
    let b = (raw + step).loadUnaligned(as: SIMD4<Float>.self)
    let c = (raw + 2 &* step).loadUnaligned(as: SIMD4<Float>.self)
    let d = (raw + 3 &* step).loadUnaligned(as: SIMD4<Float>.self)
    let ac = interleaved(a.lowHalf, c.lowHalf)
    let bd = interleaved(b.lowHalf, d.lowHalf)
    let acHigh = interleaved(a.highHalf, c.highHalf)
    let bdHigh = interleaved(b.highHalf, d.highHalf)
    let out = UnsafeMutableRawPointer(target)
    let pitch = targetStride &* MemoryLayout<Float>.stride
    out.storeBytes(
      of: interleaved(ac.lowHalf, bd.lowHalf), as: SIMD4<Float>.self)
    (out + pitch).storeBytes(
      of: interleaved(ac.highHalf, bd.highHalf), as: SIMD4<Float>.self)
    (out + 2 &* pitch).storeBytes(
      of: interleaved(acHigh.lowHalf, bdHigh.lowHalf), as: SIMD4<Float>.self)
    (out + 3 &* pitch).storeBytes(
      of: interleaved(acHigh.highHalf, bdHigh.highHalf), as: SIMD4<Float>.self)
  }

  /// `even` and `odd` by turns.
  @inline(__always)
  private static func interleaved(_ even: SIMD2<Float>, _ odd: SIMD2<Float>) -> SIMD4<Float> {
    var both = SIMD4<Float>.zero
    both.evenHalf = even
    both.oddHalf = odd
    return both
  }
}
