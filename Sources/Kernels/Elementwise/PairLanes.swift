import Glibc

/// A function of two numbers, over the lanes of two vectors.
protocol PairLanes {
  /// The function of each pair of lanes.
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector
}

/// `a + b`.
struct SumLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector { a + b }
}

/// `a − b`.
struct DifferenceLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector { a - b }
}

/// `a · b`.
struct ProductLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector { a * b }
}

/// `a / b`.
struct QuotientLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector { a / b }
}

/// The smaller one, NaN where either is.
struct MinimumLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector {
    b.replacing(with: a, where: (a .< b) .| (a .!= a))
  }
}

/// The greater one, NaN where either is.
struct MaximumLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector {
    b.replacing(with: a, where: (a .> b) .| (a .!= a))
  }
}

/// `a`, below 0 times `b`.
struct LeakyPairLanes: PairLanes {
  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector {
    (a * b).replacing(with: a, where: .!(a .< Vector.zero))
  }
}

/// What goes lane by lane: functions of the C library.
struct EachPair: PairLanes {
  let function: (Float, Float) -> Float

  @inline(__always)
  func callAsFunction(_ a: Vector, _ b: Vector) -> Vector {
    var result = Vector.zero
    for lane in 0..<Vector.scalarCount { result[lane] = function(a[lane], b[lane]) }
    return result
  }
}
