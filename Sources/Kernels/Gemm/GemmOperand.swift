/// A matrix that a product reads: where it is, how far its rows are apart, and which way it is read.
public struct GemmOperand {
  /// The element of row 0 and column 0.
  public var pointer: UnsafePointer<Float>
  /// Distance between stored rows, in floats; at least the number of stored columns.
  public var stride: Int
  /// Whether the product reads the stored matrix by columns: the stored shape is then `k × m`
  /// for A and `n × k` for B.
  public var isTransposed: Bool

  /// Names a row-major matrix in memory.
  public init(_ pointer: UnsafePointer<Float>, stride: Int, isTransposed: Bool = false) {
    (self.pointer, self.stride, self.isTransposed) = (pointer, stride, isTransposed)
  }

  /// The element that the product sees in `row` and `column`.
  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    isTransposed ? pointer[column * stride + row] : pointer[row * stride + column]
  }

  /// The same matrix from the product's row `row` on.
  @inlinable
  public func fromRow(_ row: Int) -> GemmOperand {
    GemmOperand(
      pointer + (isTransposed ? row : row * stride), stride: stride, isTransposed: isTransposed)
  }

  /// The same matrix from the product's column `column` on.
  @inlinable
  public func fromColumn(_ column: Int) -> GemmOperand {
    GemmOperand(
      pointer + (isTransposed ? column * stride : column), stride: stride,
      isTransposed: isTransposed)
  }
}
