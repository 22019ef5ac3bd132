import Kernels

/// Sums of products in float64, as the plain references of products have them.
enum PlainProduct {
  /// Adds a row times a matrix to sums: `sums[j] += Σp row[p] · matrix[p][j]`.
  ///
  /// Each sum adds its products in the order of the row. The innermost loop goes over sums, which do
  /// not depend on one another and lie side by side, so that the compiler makes vectors of them.
  ///
  /// - Parameters:
  ///   - row: Where the row lies.
  ///   - first: Its first element.
  ///   - depth: How many elements it has.
  ///   - matrix: Where `depth` rows of `width` elements lie one after the other.
  ///   - start: Their first element.
  ///   - width: How many sums there are.
  ///   - sums: The first of them.
  static func add(
    _ row: [Double], at first: Int, depth: Int, times matrix: [Double], at start: Int = 0,
    width: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    precondition(first >= 0 && first + depth <= row.count, "a row of \(depth) ends too late")
    precondition(start >= 0 && start + depth * width <= matrix.count, "a matrix ends too late")
    row.withUnsafeBufferPointer { row in
      matrix.withUnsafeBufferPointer { matrix in
        guard let row = row.baseAddress, let matrix = matrix.baseAddress else { return }
        for p in 0..<depth {
          let (factor, line) = (row[first + p], matrix + start + p * width)
          for j in 0..<width { sums[j] += factor * line[j] }
        }
      }
    }
  }

  /// Computes the rows of a list, each by itself, in a pool's threads.
  ///
  /// - Parameters:
  ///   - count: How many rows there are.
  ///   - width: Elements of a row.
  ///   - pool: The threads.
  ///   - fill: Given a row's number and where its zeros lie, to add to them.
  /// - Returns: All rows one after the other.
  static func rows(
    _ count: Int, width: Int, on pool: ThreadPool,
    _ fill: (_ row: Int, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> [Double] {
    var values = [Double](repeating: 0, count: count * width)
    values.withUnsafeMutableBufferPointer { values in
      guard let first = values.baseAddress else { return }
      pool.forEachShare(of: count) { rows in
        for row in rows { fill(row, first + row * width) }
      }
    }
    return values
  }

  /// Matrices that lie one after the other, each transposed.
  ///
  /// - Parameters:
  ///   - values: Matrices of `rows × columns`.
  ///   - rows: Rows of each.
  ///   - columns: Columns of each.
  /// - Returns: Matrices of `columns × rows`.
  static func transposed(_ values: [Double], rows: Int, columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: values.count)
    for start in stride(from: 0, to: values.count, by: rows * columns) {
      for row in 0..<rows {
        for column in 0..<columns {
          result[start + column * rows + row] = values[start + row * columns + column]
        }
      }
    }
    return result
  }
}
