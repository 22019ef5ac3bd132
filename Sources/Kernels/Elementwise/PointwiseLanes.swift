import Glibc

/// A function of one number, over the lanes of a vector.
protocol LaneFunction {
  /// The function of each lane.
  func callAsFunction(_ x: Vector) -> Vector
}

/// What goes lane by lane: functions of the C library.
struct EachLane: LaneFunction {
  let function: (Float) -> Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    var result = Vector.zero
    for lane in 0..<Vector.scalarCount { result[lane] = function(x[lane]) }
    return result
  }
}

/// `e^x`; error below 2 units in the last place.
struct ExponentialLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x.exponential() }
}

/// `1 / (1 + e^-x)`: 0 and 1 far out.
///
/// Error: below 3 units in the last place down to −87; results that are smaller still may be 0.
struct SigmoidLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x.sigmoid() }
}

/// `x / (1 + e^(-scale · x))`: NaN for −∞, as the quotient says.
///
/// Error: below 4 units in the last place for a scale of 1, else that of `scale · x` besides.
struct SwishLanes: LaneFunction {
  let scale: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    x / (Vector(repeating: 1) + (x * Vector(repeating: -scale)).exponential())
  }
}

/// The error function, −1 and 1 far out.
///
/// Error: below 4 units in the last place. A polynomial in `x²`, fitted to a relative error of
/// 1.3e-9, below 1; what `erfc` leaves above.
struct ErfLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let z = x.magnitudes.atMost(5)
    let square = z * z
    let rest = (-square).addingProduct(z, z)
    let far = Vector(repeating: 1) - z.errorComplement(square: square, rest: rest)
    var sum = square.step(Vector(repeating: 0x1.496a0ap-14), -0x1.a3f6fp-11)
    sum = square.step(square.step(sum, 0x1.5405bp-8), -0x1.b7f90cp-6)
    sum = square.step(square.step(sum, 0x1.ce2cf8p-4), -0x1.81273ep-2)
    let near = x * square.step(sum, 0x1.20dd74p0)
    return far.signed(as: x).replacing(with: near, where: z .< Vector(repeating: 1))
  }
}

/// `x · Φ(x)`: `x` and 0 far out, NaN for −∞.
///
/// Error: below 1e-6 of the result wherever that is a normal number.
struct GELULanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let size = x.magnitudes.atMost(15)
    // z² = size² / 2, whose rounding would count by its own size in the power of e.
    let half = size * Vector(repeating: 0.5)
    let square = half * size
    let rest = (-square).addingProduct(half, size)
    let z = size * Vector(repeating: 0x1.6a09e6p-1)
    let below = Vector(repeating: 0.5) * z.errorComplement(square: square, rest: rest)
    let above = Vector(repeating: 1) - below
    return x * above.replacing(with: below, where: x .< Vector.zero)
  }
}

/// GELU as it is written with tanh: `x` and 0 far out, NaN for −∞.
///
/// Error: below 1.5e-6 of the result from −3 on, and below 2e-5 of it where it is a normal number.
struct TanhGELULanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let u = x * one.addingProduct(x * x, Vector(repeating: 0.044715))
    return x / (one + (u * Vector(repeating: -0x1.988454p0)).exponential())
  }
}

/// `x · tanh(ln(1 + e^x))`: `x` and 0 far out, NaN for −∞.
///
/// With `w = e^x` the tangent is `w (w + 2) / (w (w + 2) + 2)`. Error: below 6 units in the last place
/// while the result is a normal number.
struct MishLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    // Above 20 the quotient is 1, and its terms would overflow further out.
    let (w, two) = (x.atMost(20).exponential(), Vector(repeating: 2))
    let product = w * (w + two)
    return x * (product / (product + two))
  }
}

/// `scale · (x > 0 ? x : factor · (e^(x / divisor) − 1))`, by the C library's `expm1f`.
struct ExponentialLinearLanes: LaneFunction {
  let scale, factor, divisor: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    var result = x * Vector(repeating: scale)
    for lane in 0..<Vector.scalarCount where !(x[lane] > 0) {
      result[lane] = scale * (factor * expm1f(x[lane] / divisor))
    }
    return result
  }
}

/// `x^exponent`: squares and cubes as products, all else by the C library's `powf`.
struct PowerLanes: LaneFunction {
  let exponent: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    if exponent == 2 { return x * x }
    if exponent == 3 { return x * x * x }
    var result = x
    for lane in 0..<Vector.scalarCount { result[lane] = powf(x[lane], exponent) }
    return result
  }
}
