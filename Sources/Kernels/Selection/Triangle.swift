/// The triangle of each matrix, the rest of which becomes 0, for elements of any type.
public enum Triangle {
  /// Copies a triangle.
  ///
  /// - Parameters:
  ///   - matrices: How many.
  ///   - rows: Of a matrix.
  ///   - columns: Of a matrix.
  ///   - diagonal: The diagonal that still belongs to it: 0 the main one, above it more.
  ///   - isUpper: Whether what lies above the diagonal is kept, and not what lies below.
  ///   - width: Bytes of an element.
  ///   - input: `matrices × rows × columns` elements.
  ///   - output: As many; overwritten, apart from the input or the same.
  ///   - pool: Runs the work.
  public static func keep(
    matrices: Int, rows: Int, columns: Int, diagonal: Int, isUpper: Bool, width: Int,
    input: UnsafeRawPointer, output: UnsafeMutableRawPointer, pool: ThreadPool
  ) {
    pool.forEachShare(of: matrices * rows, grain: 16) { share in
      for row in share {
        // The first column of the upper triangle, and the one behind the last of the lower.
        let edge = row % rows + diagonal + (isUpper ? 0 : 1)
        let column = max(0, min(columns, edge))
        let kept = isUpper ? column..<columns : 0..<column
        let lost = isUpper ? 0..<column : column..<columns
        let start = row * columns * width
        if UnsafeRawPointer(output) != input {
          (output + start + kept.lowerBound * width).copyMemory(
            from: input + start + kept.lowerBound * width, byteCount: kept.count * width)
        }
        for byte in lost.lowerBound * width..<lost.upperBound * width {
          (output + start).storeBytes(of: 0, toByteOffset: byte, as: UInt8.self)
        }
      }
    }
  }
}
