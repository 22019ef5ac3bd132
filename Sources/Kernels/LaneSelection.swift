/// Which lanes of a vector stand for elements: all, or at the end of a row the first few.
///
/// A type rather than a count, so that a loop over whole vectors is compiled without a trace of
/// the tail's element-wise loads.
protocol LaneSelection {
  /// Reads the selected lanes; the others are 0.
  func load(_ p: UnsafePointer<Float>) -> Vector
  /// Writes the selected lanes.
  func store(_ vector: Vector, _ p: UnsafeMutablePointer<Float>)
}

extension LaneSelection {
  /// Reads the selected lanes; the others are 0.
  @inline(__always)
  func load(_ p: UnsafeMutablePointer<Float>) -> Vector { load(UnsafePointer(p)) }
}

/// A whole vector.
struct AllLanes: LaneSelection {
  @inline(__always)
  func load(_ p: UnsafePointer<Float>) -> Vector { Vector.load(p) }

  @inline(__always)
  func store(_ vector: Vector, _ p: UnsafeMutablePointer<Float>) { vector.store(p) }
}

/// The first `count` lanes.
struct FirstLanes: LaneSelection {
  let count: Int

  func load(_ p: UnsafePointer<Float>) -> Vector {
    var vector = Vector.zero
    for i in 0..<count { vector[i] = p[i] }
    return vector
  }

  func store(_ vector: Vector, _ p: UnsafeMutablePointer<Float>) {
    for i in 0..<count { p[i] = vector[i] }
  }
}
