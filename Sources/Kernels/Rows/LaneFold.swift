/// How two numbers become one, lane by lane.
protocol LaneFold {
  /// What changes nothing.
  static var start: Float { get }
  /// Takes an element in.
  static func fold(_ sum: Vector, _ x: Vector) -> Vector
  /// Takes an element in.
  static func fold(_ sum: Float, _ x: Float) -> Float
  /// Joins what two parts gave.
  static func join(_ a: Float, _ b: Float) -> Float
}

extension LaneFold {
  /// Takes a row in.
  @inline(__always)
  static func row(_ length: Int, _ row: UnsafePointer<Float>, from first: Float) -> Float {
    let lanes = VectorUnit.lanes
    var result = first
    var whole = 0
    if length >= lanes {
      whole = length - length % lanes
      var sums = Vector(repeating: start)
      for j in Swift.stride(from: 0, to: whole, by: lanes) {
        sums = fold(sums, Vector.load(row + j))
      }
      for lane in 0..<lanes { result = join(result, sums[lane]) }
    }
    for j in whole..<length { result = fold(result, row[j]) }
    return result
  }

  /// Takes each element of a row into that of another at its place.
  @inline(__always)
  static func merge(
    _ length: Int, _ row: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let lanes = VectorUnit.lanes
    let whole = length - length % lanes
    for j in Swift.stride(from: 0, to: whole, by: lanes) {
      fold(Vector.load(target + j), Vector.load(row + j)).store(target + j)
    }
    for j in whole..<length { target[j] = fold(target[j], row[j]) }
  }
}

enum SumFold: LaneFold {
  static var start: Float { 0 }
  @inline(__always)
  static func fold(_ sum: Vector, _ x: Vector) -> Vector { sum + x }
  @inline(__always)
  static func fold(_ sum: Float, _ x: Float) -> Float { sum + x }
  @inline(__always)
  static func join(_ a: Float, _ b: Float) -> Float { a + b }
}

enum ProductFold: LaneFold {
  static var start: Float { 1 }
  @inline(__always)
  static func fold(_ sum: Vector, _ x: Vector) -> Vector { sum * x }
  @inline(__always)
  static func fold(_ sum: Float, _ x: Float) -> Float { sum * x }
  @inline(__always)
  static func join(_ a: Float, _ b: Float) -> Float { a * b }
}

enum MaxFold: LaneFold {
  static var start: Float { -.infinity }
  @inline(__always)
  static func fold(_ sum: Vector, _ x: Vector) -> Vector { sum.replacing(with: x, where: x .> sum) }
  @inline(__always)
  static func fold(_ sum: Float, _ x: Float) -> Float { x > sum ? x : sum }
  @inline(__always)
  static func join(_ a: Float, _ b: Float) -> Float { fold(a, b) }
}

enum MinFold: LaneFold {
  static var start: Float { .infinity }
  @inline(__always)
  static func fold(_ sum: Vector, _ x: Vector) -> Vector { sum.replacing(with: x, where: x .< sum) }
  @inline(__always)
  static func fold(_ sum: Float, _ x: Float) -> Float { x < sum ? x : sum }
  @inline(__always)
  static func join(_ a: Float, _ b: Float) -> Float { fold(a, b) }
}

enum MagnitudeFold: LaneFold {
  static var start: Float { 0 }
  @inline(__always)
  static func fold(_ sum: Vector, _ x: Vector) -> Vector {
    let negative = Vector.zero - x
    return sum + x.replacing(with: negative, where: x .< Vector.zero)
  }
  @inline(__always)
  static func fold(_ sum: Float, _ x: Float) -> Float { sum + abs(x) }
  @inline(__always)
  static func join(_ a: Float, _ b: Float) -> Float { a + b }
}

enum SquareFold: LaneFold {
  static var start: Float { 0 }
  @inline(__always)
  static func fold(_ sum: Vector, _ x: Vector) -> Vector { sum.addingProduct(x, x) }
  @inline(__always)
  static func fold(_ sum: Float, _ x: Float) -> Float { sum + x * x }
  @inline(__always)
  static func join(_ a: Float, _ b: Float) -> Float { a + b }
}
