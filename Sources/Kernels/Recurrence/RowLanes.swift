/// The lanes of a vector that stand for floats of a row: all, or at its end the first few.
struct RowLanes {
  private let count: Int

  /// - Parameter left: Floats to the end of the row, at least 1.
  @inline(__always)
  init(_ left: Int) { count = min(left, VectorUnit.lanes) }

  @inline(__always)
  func load(_ p: UnsafePointer<Float>) -> Vector {
    count == VectorUnit.lanes ? Vector.load(p) : Vector.load(p, count: count)
  }

  @inline(__always)
  func store(_ x: Vector, _ p: UnsafeMutablePointer<Float>) {
    if count == VectorUnit.lanes { x.store(p) } else { x.store(p, count: count) }
  }
}
