import CShims
import Tensors

/// Which lanes of a vector stand for elements: all, or at the end of a row the first few.
///
/// A type rather than a count, so that a loop over whole vectors is compiled without a trace of
/// the tail's element-wise loads.
protocol LaneSelection {
  /// Reads the selected lanes; the others are 0.
  func load(_ p: UnsafePointer<Float>) -> Vector
  /// Writes the selected lanes.
  func store(_ vector: Vector, _ p: UnsafeMutablePointer<Float>)
  /// Reads the selected lanes, widened; the others are 0.
  func load(_ p: UnsafePointer<BFloat16>) -> Vector
  /// Rounds and writes the selected lanes.
  func store(_ vector: Vector, _ p: UnsafeMutablePointer<BFloat16>)
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

  @inline(__always)
  func load(_ p: UnsafePointer<BFloat16>) -> Vector { costcurve_load_bfloats(p) }

  @inline(__always)
  func store(_ vector: Vector, _ p: UnsafeMutablePointer<BFloat16>) {
    costcurve_store_bfloats(p, vector)
  }
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

  func load(_ p: UnsafePointer<BFloat16>) -> Vector {
    var vector = Vector.zero
    for i in 0..<count { vector[i] = p[i].value }
    return vector
  }

  func store(_ vector: Vector, _ p: UnsafeMutablePointer<BFloat16>) {
    for i in 0..<count { p[i] = BFloat16(vector[i]) }
  }
}

/// An element of a tensor as it lies in memory: vectors of float32 are made of it, and stored as it.
protocol StoredElement {
  /// Reads the selected lanes; the others are 0.
  static func load(_ p: UnsafePointer<Self>, _ lanes: some LaneSelection) -> Vector
  /// Writes the selected lanes, rounded once where that is needed.
  static func store(_ vector: Vector, _ p: UnsafeMutablePointer<Self>, _ lanes: some LaneSelection)
}

extension Float: StoredElement {
  @inline(__always)
  static func load(_ p: UnsafePointer<Float>, _ lanes: some LaneSelection) -> Vector {
    lanes.load(p)
  }

  @inline(__always)
  static func store(
    _ vector: Vector, _ p: UnsafeMutablePointer<Float>, _ lanes: some LaneSelection
  ) { lanes.store(vector, p) }
}

extension BFloat16: StoredElement {
  @inline(__always)
  static func load(_ p: UnsafePointer<BFloat16>, _ lanes: some LaneSelection) -> Vector {
    lanes.load(p)
  }

  @inline(__always)
  static func store(
    _ vector: Vector, _ p: UnsafeMutablePointer<BFloat16>, _ lanes: some LaneSelection
  ) { lanes.store(vector, p) }
}
