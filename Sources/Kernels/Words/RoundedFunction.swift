/// A function of sums that no register step computes, and the way of its results to the output.
struct RoundedFunction: Sendable {
  /// One that gives floats of floats.
  let function: PointwiseFunction
  /// Whether results are rounded to bfloat16.
  let isRounded: Bool

  /// Bytes of an element of the output.
  var width: Int { isRounded ? 2 : 4 }

  /// Stores the function of a tile in the calling thread.
  ///
  /// - Parameters:
  ///   - tile: Floats, which become results.
  ///   - pitch: Floats from a row of the tile to the next.
  ///   - rows: Rows of the tile.
  ///   - columns: Floats of a row that are stored.
  ///   - output: Top-left element; bfloat16 or float32.
  ///   - stride: Elements from a row of the output to the next.
  func store(
    _ tile: UnsafeMutablePointer<Float>, pitch: Int, rows: Int, columns: Int,
    to output: UnsafeMutableRawPointer, stride: Int
  ) {
    Elementwise.apply(
      function, rows: rows, columns: columns, input: UnsafePointer(tile), output: tile,
      stride: pitch)
    for i in 0..<rows {
      let (source, target) = (tile + i * pitch, output + i * stride * width)
      if isRounded {
        BFloat16Rows.round(UnsafePointer(source), count: columns, to: target)
      } else {
        target.copyMemory(from: source, byteCount: columns * width)
      }
    }
  }
}
