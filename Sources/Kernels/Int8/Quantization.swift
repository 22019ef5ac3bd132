/// How the bytes of a u8 tensor stand for real numbers: `real = scale · (byte − zeroPoint)`.
///
/// Source: ONNX, operators QuantizeLinear and DequantizeLinear.
public struct Quantization: Hashable, Sendable {
  /// What one step is worth.
  public let scale: Float
  /// The byte that stands for 0.
  public let zeroPoint: UInt8

  /// Names both.
  ///
  /// - Parameters:
  ///   - scale: Normal and above 0.
  ///   - zeroPoint: The byte that stands for 0.
  public init(scale: Float, zeroPoint: UInt8) {
    precondition(scale.isNormal && scale > 0, "no scale: \(scale)")
    (self.scale, self.zeroPoint) = (scale, zeroPoint)
  }

  /// Takes what a file says, or nil for a scale that is none and for a zero point that is no byte.
  public init?(checking scale: Float, zeroPoint: Int) {
    guard scale.isNormal, scale > 0, let byte = UInt8(exactly: zeroPoint) else { return nil }
    self.init(scale: scale, zeroPoint: byte)
  }

  /// The byte next to a number, of two equally near the even step, as QuantizeLinear has it.
  ///
  /// - Parameter real: Any number; what lies beyond 0 or 255 is one of these, NaN is 0.
  /// - Returns: `saturate(round(real / scale) + zeroPoint)`.
  public func byte(of real: Float) -> UInt8 { QuantizedRange(self).byte(ofSteps: real / scale) }

  /// The number that a byte stands for, as DequantizeLinear has it.
  ///
  /// - Parameter byte: Any byte.
  /// - Returns: `scale · (byte − zeroPoint)`, rounded once.
  public func real(_ byte: UInt8) -> Float { Float(Int32(byte) - Int32(zeroPoint)) * scale }
}

/// A u8 tensor's quantization, and the bytes that an activation before it leaves.
///
/// ReLU and clipping before QuantizeLinear are bounds of its bytes: rounding never turns an order
/// round, so that both give the same byte.
public struct QuantizedRange: Hashable, Sendable {
  /// What bytes stand for.
  public let quantization: Quantization
  /// The smallest byte that is stored.
  public let least: UInt8
  /// The largest byte that is stored.
  public let most: UInt8

  /// Names all.
  ///
  /// - Parameters:
  ///   - quantization: What bytes stand for.
  ///   - least: The smallest byte that is stored.
  ///   - most: The largest, not below `least`.
  public init(_ quantization: Quantization, least: UInt8 = 0, most: UInt8 = 255) {
    precondition(least <= most, "no bytes between \(least) and \(most)")
    (self.quantization, self.least, self.most) = (quantization, least, most)
  }

  /// Takes an activation in, or is nil for one that is neither ReLU nor clipping.
  public init?(_ quantization: Quantization, activation: PointwiseFunction?) {
    switch activation {
    case nil: self.init(quantization)
    case .relu?: self.init(quantization, least: quantization.zeroPoint)
    case .clip(let least, let most)?:
      let top = quantization.byte(of: most)
      self.init(quantization, least: min(quantization.byte(of: least), top), most: top)
    default: return nil
    }
  }

  /// The smallest number of steps from the zero point that is stored.
  var leastSteps: Float { Float(Int32(least) - Int32(quantization.zeroPoint)) }
  /// The largest number of steps from the zero point that is stored.
  var mostSteps: Float { Float(Int32(most) - Int32(quantization.zeroPoint)) }

  /// Steps from the zero point, whole and within the bounds; NaN is the least.
  @inline(__always)
  func whole(_ steps: Float) -> Float {
    let above = steps > leastSteps ? steps : leastSteps
    return (above < mostSteps ? above : mostSteps).rounded(.toNearestOrEven)
  }

  /// The byte next to so many steps from the zero point, of two equally near the even step.
  @inline(__always)
  func byte(ofSteps steps: Float) -> UInt8 {
    UInt8(truncatingIfNeeded: Int32(whole(steps)) + Int32(quantization.zeroPoint))
  }
}
