/// What is added to a matrix product that is scaled: `C = α · C + β · term`.
public struct MatrixTerm: Sendable {
  /// Rows of the product.
  public var rows: Int
  /// Columns of the product.
  public var columns: Int
  /// Factor of the product.
  public var alpha: Float
  /// Factor of the term.
  public var beta: Float
  /// Floats from a row of the term to the next; 0 where there is one for all.
  public var rowStride: Int
  /// Floats from an element of a row of the term to the next; 0 where there is one for all.
  public var columnStride: Int

  /// Names the matrix and how its term repeats.
  public init(
    rows: Int, columns: Int, alpha: Float = 1, beta: Float = 1, rowStride: Int = 0,
    columnStride: Int = 0
  ) {
    (self.rows, self.columns, self.alpha, self.beta) = (rows, columns, alpha, beta)
    (self.rowStride, self.columnStride) = (rowStride, columnStride)
  }

  /// Changes a product in place.
  ///
  /// - Parameters:
  ///   - term: Read by the strides; nil adds nothing.
  ///   - product: `rows × columns`, updated.
  ///   - pool: Runs the work.
  public func apply(
    _ term: UnsafePointer<Float>?, to product: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    pool.forEachShare(of: rows, grain: max(1, 4096 / columns)) { rows in
      for row in rows {
        let target = product + row * columns
        if let line = term.map({ $0 + row * rowStride }) {
          if columnStride == 1 {
            for j in 0..<columns { target[j] = alpha * target[j] + beta * line[j] }
          } else {
            let added = beta * line[0]
            for j in 0..<columns { target[j] = alpha * target[j] + added }
          }
        } else {
          for j in 0..<columns { target[j] *= alpha }
        }
      }
    }
  }
}
