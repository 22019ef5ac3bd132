/// `x`: no function at all, where one is asked for.
struct IdentityLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x }
}

/// `x`, or 0 where it is negative; NaN kept.
struct ReLULanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x.rectified() }
}

/// `x`, below 0 times a slope; NaN kept.
struct LeakyLanes: LaneFunction {
  let slope: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    (x * Vector(repeating: slope)).replacing(with: x, where: .!(x .< Vector.zero))
  }
}

/// `x` between two bounds, the upper one where they contradict each other; NaN kept.
struct ClipLanes: LaneFunction {
  let least, most: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x.atLeast(least).atMost(most) }
}

/// `slope · x + shift` between 0 and 1, times `x` if asked for; NaN kept.
struct HardSigmoidLanes: LaneFunction {
  let slope, shift: Float
  let multiplies: Bool

  /// `x` times `x / 6 + 1/2` between 0 and 1.
  static var hardSwish: HardSigmoidLanes {
    HardSigmoidLanes(slope: 1 / 6, shift: 0.5, multiplies: true)
  }

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let line = x * Vector(repeating: slope) + Vector(repeating: shift)
    let result = line.atLeast(0).atMost(1)
    return multiplies ? x * result : result
  }
}

/// `x` above a threshold, else 0.
struct ThresholdLanes: LaneFunction {
  let threshold: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    Vector.zero.replacing(with: x, where: x .> Vector(repeating: threshold))
  }
}

/// `x` moved towards 0 by a bias where it is further from it than a threshold, else 0.
struct ShrinkLanes: LaneFunction {
  let threshold, bias: Float

  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let (limit, bias) = (Vector(repeating: threshold), Vector(repeating: bias))
    let above = Vector.zero.replacing(with: x - bias, where: x .> limit)
    return above.replacing(with: x + bias, where: x .< -limit)
  }
}

/// `x / (1 + |x|)`; NaN for infinities, as the quotient says.
struct SoftsignLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x / (Vector(repeating: 1) + x.magnitudes) }
}

/// `-x`.
struct NegationLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { -x }
}

/// `|x|`.
struct MagnitudeLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { x.magnitudes }
}

/// `1 / x`.
struct ReciprocalLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector { Vector(repeating: 1) / x }
}
