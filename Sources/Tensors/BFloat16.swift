/// A bfloat16: the upper half of a float32, with its range and 8 bits of precision.
///
/// Conversions are those of the x86 instruction `vcvtneps2bf16`, on every machine: to nearest even,
/// subnormal numbers to zeros of their sign, NaN to a quiet one. So none of these is ever subnormal.
public struct BFloat16: Hashable, Sendable {
  /// Sign, 8 bits of exponent, 7 of fraction.
  public var bits: UInt16

  /// Takes the bits as they are.
  public init(bits: UInt16) { self.bits = bits }

  /// The nearest one, of two equally near that whose last bit is 0; infinite from the middle of the
  /// largest and the next power of two on.
  @inlinable
  public init(_ value: Float) {
    let word = value.bitPattern
    let magnitude = word & 0x7FFF_FFFF
    if magnitude < 0x0080_0000 {
      bits = UInt16(truncatingIfNeeded: word >> 16) & 0x8000
    } else if magnitude > 0x7F80_0000 {
      bits = UInt16(truncatingIfNeeded: word >> 16) | 0x0040
    } else {
      bits = UInt16(truncatingIfNeeded: (word &+ 0x7FFF &+ (word >> 16 & 1)) >> 16)
    }
  }

  /// The same number as float32, exactly.
  @inlinable
  public var value: Float { Float(bitPattern: UInt32(bits) << 16) }
}
