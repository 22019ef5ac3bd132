/// The derivatives of both forms of GELU.
///
/// Error: below 1e-6, which is also relative to the largest derivative, 1.13.
extension Activation {
  /// `inputGradient = outputGradient · GELU′(input)`, NaN kept.
  ///
  /// - Parameters:
  ///   - count: Number of floats.
  ///   - isByTanh: Whether GELU is the one that is written with tanh.
  ///   - input: What GELU read.
  ///   - outputGradient: The loss's derivative by the output; may be `inputGradient` itself.
  ///   - inputGradient: Overwritten.
  ///   - pool: Runs the work.
  public static func geluBackward(
    count: Int, isByTanh: Bool, input: UnsafePointer<Float>, outputGradient: UnsafePointer<Float>,
    inputGradient: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    func multiply(_ slope: some LaneFunction) {
      pool.forEachShare(of: count, grain: grain) { items in
        multiplyLanes(
          slope, items, input: input, outputGradient: outputGradient,
          inputGradient: inputGradient)
      }
    }
    if isByTanh { multiply(TanhGELUDerivativeLanes()) } else { multiply(GELUDerivativeLanes()) }
  }

  /// The same for some floats in the calling thread.
  static func geluBackward(
    _ items: Range<Int>, isByTanh: Bool, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
  ) {
    if isByTanh {
      multiplyLanes(
        TanhGELUDerivativeLanes(), items, input: input, outputGradient: outputGradient,
        inputGradient: inputGradient)
    } else {
      multiplyLanes(
        GELUDerivativeLanes(), items, input: input, outputGradient: outputGradient,
        inputGradient: inputGradient)
    }
  }

  @inline(__always)
  private static func multiplyLanes(
    _ slope: some LaneFunction, _ items: Range<Int>, input: UnsafePointer<Float>,
    outputGradient: UnsafePointer<Float>, inputGradient: UnsafeMutablePointer<Float>
  ) {
    var i = items.lowerBound
    while i &+ VectorUnit.lanes <= items.upperBound {
      let factors = slope(Vector.load(input + i))
      (Vector.load(outputGradient + i) * factors).store(inputGradient + i)
      i &+= VectorUnit.lanes
    }
    guard i < items.upperBound else { return }
    let rest = FirstLanes(count: items.upperBound &- i)
    let factors = slope(rest.load(input + i))
    rest.store(rest.load(outputGradient + i) * factors, inputGradient + i)
  }
}

/// `Φ(x) + x · φ(x)`, the derivative of `x · Φ(x)`: 0 and 1 far out.
struct GELUDerivativeLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let size = x.magnitudes.atMost(15)
    // As GELU has it: what rounding takes from z² would count by its own size in the power of e.
    let half = size * Vector(repeating: 0.5)
    let square = half * size
    let rest = (-square).addingProduct(half, size)
    let z = size * Vector(repeating: 0x1.6a09e6p-1)
    let below = Vector(repeating: 0.5) * z.errorComplement(square: square, rest: rest)
    let above = Vector(repeating: 1) - below
    let share = above.replacing(with: below, where: x .< Vector.zero)
    // 1 / √(2π).
    let density = (-square).exponential() * Vector(repeating: 0x1.988454p-2)
    return share.addingProduct(x.atMost(15).atLeast(-15), density)
  }
}

/// The derivative of `x · σ(2u)`, `u = √(2/π) · (x + 0.044715 x³)`: 0 and 1 far out.
///
/// `σ + x · σ · (1 − σ) · 2u′`.
struct TanhGELUDerivativeLanes: LaneFunction {
  @inline(__always)
  func callAsFunction(_ x: Vector) -> Vector {
    let (one, near) = (Vector(repeating: 1), x.atMost(15).atLeast(-15))
    let square = near * near
    let u = near * one.addingProduct(square, Vector(repeating: 0.044715))
    let share = one / (one + (u * Vector(repeating: -0x1.988454p0)).exponential())
    let bend = one.addingProduct(square, Vector(repeating: 0.134145))
    let slope = near * Vector(repeating: 0x1.988454p0) * bend
    return share.addingProduct(share * (one - share), slope)
  }
}
