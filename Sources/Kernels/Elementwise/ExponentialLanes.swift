/// Whole numbers as wide as the lanes of a `Vector`.
private typealias Bits = Vector.MaskStorage

extension Vector {
  /// The lanes, those above a limit replaced by it; a NaN is kept.
  @inline(__always)
  func atMost(_ limit: Float) -> Vector {
    let limits = Vector(repeating: limit)
    return limits.replacing(with: self, where: .!(self .> limits))
  }

  /// The lanes, those below a limit replaced by it; a NaN is kept.
  @inline(__always)
  func atLeast(_ limit: Float) -> Vector {
    let limits = Vector(repeating: limit)
    return limits.replacing(with: self, where: .!(self .< limits))
  }

  /// The lanes without their signs.
  @inline(__always)
  var magnitudes: Vector {
    let rest = unsafeBitCast(self, to: Bits.self) & Bits(repeating: 0x7fff_ffff)
    return unsafeBitCast(rest, to: Vector.self)
  }

  /// The lanes, none of them negative, with the signs of others.
  @inline(__always)
  func signed(as other: Vector) -> Vector {
    let sign = unsafeBitCast(other, to: Bits.self) & Bits(repeating: Int32.min)
    return unsafeBitCast(unsafeBitCast(self, to: Bits.self) | sign, to: Vector.self)
  }

  /// `sum · x + next`, rounded once: a step of a polynomial in the lanes `x`.
  @inline(__always)
  func step(_ sum: Vector, _ next: Float) -> Vector {
    Vector(repeating: next).addingProduct(sum, self)
  }

  /// `e^x`: 0 for −∞, ∞ above 88.73, NaN kept.
  ///
  /// `x = n · ln 2 + r`, and `e^r` is its series up to `r⁷ / 7!`, whose rest is below 6e-9. Error:
  /// below 2 units in the last place.
  @inline(__always)
  func exponential() -> Vector {
    let x = atMost(89).atLeast(-104)
    // Adding 1.5 · 2^23 rounds to a whole number, which its lowest bits then are.
    let magic = Vector(repeating: 0x1.8p23)
    let shifted = magic.addingProduct(x, Vector(repeating: 0x1.715476p0))
    let whole = shifted - magic
    // ln 2 in two parts, of which the first times any whole number here is exact.
    let near = x.addingProduct(whole, Vector(repeating: -0x1.63p-1))
    let r = near.addingProduct(whole, Vector(repeating: 0x1.bd0106p-13))
    var sum = r.step(Vector(repeating: 1 / 5040), 1 / 720)
    sum = r.step(r.step(sum, 1 / 120), 1 / 24)
    sum = r.step(r.step(sum, 1 / 6), 0.5)
    sum = r.step(r.step(sum, 1), 1)
    // 2^n as a product, for it may have no float of its own where the result has one.
    let n = unsafeBitCast(shifted, to: Bits.self) &- Bits(repeating: 0x4b40_0000)
    let half = n &>> Bits(repeating: 1)
    return sum * Vector.powerOfTwo(half) * Vector.powerOfTwo(n &- half)
  }

  /// `1 / (1 + e^-x)`: 0 and 1 far out.
  @inline(__always)
  func sigmoid() -> Vector {
    let one = Vector(repeating: 1)
    return one / (one + (-self).exponential())
  }

  /// `tanh x`, off by at most 2⁻²² of 1.
  @inline(__always)
  func hyperbolicTangent() -> Vector {
    let (one, two) = (Vector(repeating: 1), Vector(repeating: 2))
    return one - two / (one + (two * self).exponential())
  }

  /// `2^n` for whole numbers from −126 to 127.
  @inline(__always)
  private static func powerOfTwo(_ n: Bits) -> Vector {
    unsafeBitCast((n &+ Bits(repeating: 127)) &<< Bits(repeating: 23), to: Vector.self)
  }

  /// `erfc(z)` for lanes `z` from 0 to 12, NaN kept.
  ///
  /// It is `e^-z² · t · P(t)`, `t = 1 / (1 + 0.3 z)`, with a polynomial that was fitted to the least
  /// relative error, 2e-8. Error: below 5e-7 of the result.
  ///
  /// - Parameters:
  ///   - square: `z²`, rounded.
  ///   - rest: What rounding took from it.
  /// - Returns: One result a lane.
  @inline(__always)
  func errorComplement(square: Vector, rest: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let t = one / one.addingProduct(self, Vector(repeating: 0.3))
    var sum = t.step(Vector(repeating: -0x1.095496p-3), 0x1.f164c2p-2)
    sum = t.step(t.step(sum, -0x1.067c28p-1), 0x1.18ae9ap-1)
    sum = t.step(t.step(sum, -0x1.8537f2p-4), 0x1.b888cap-3)
    sum = t.step(t.step(sum, 0x1.2fb13p-3), 0x1.5da45ap-3)
    sum = t.step(sum, 0x1.5a7efp-3)
    let tail = (-square).exponential()
    return (tail - tail * rest) * (sum * t)
  }
}
