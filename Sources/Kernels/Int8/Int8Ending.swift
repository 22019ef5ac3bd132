import CShims

/// An epilogue's constants, as the kernels read them.
struct Int8Ending: WordEnding {
  /// What is stored in the end.
  enum Form: Sendable {
    case sums, floats, bytes
  }

  /// What is stored in the end.
  let form: Form
  /// Whether a residual is added.
  let addsResidual: Bool
  /// Whether scaled sums need bounds of their own.
  ///
  /// The residual is added to what was bounded; a store of bytes bounds what a conversion to 32
  /// bits bears.
  let clampsSums: Bool
  /// Bounds of scaled sums: real numbers, or steps from the zero point.
  let (least, most): (Float, Float)
  /// Whether the residual is added before sums are rounded.
  let isJoined: Bool
  /// What whole steps are multiplied by before the residual is added.
  let ownFactor: Float
  /// What the residual's steps are multiplied by.
  let residualFactor: Float
  /// The residual's zero point.
  let residualZero: Int32
  /// What a joined residual's bytes, times their factor, are added to.
  let residualOffset: Float
  /// Whether the total needs bounds before it is stored.
  let clampsTotal: Bool
  /// Bounds of the total, in steps from its zero point.
  let (leastTotal, mostTotal): (Float, Float)
  /// What bytes are stored with.
  let range: costcurve_byte_range

  /// Takes an epilogue apart.
  ///
  /// - Parameters:
  ///   - epilogue: The epilogue.
  ///   - largestFactor: The largest of what sums are multiplied by.
  init(_ epilogue: Int8Epilogue, largestFactor: Float) {
    var (own, other, zero): (Float, Float, Int32) = (1, 1, 0)
    var (first, total) = (Self.anything, Self.anything)
    switch epilogue {
    case .sums:
      (form, clampsSums) = (.sums, false)
    case .real(let least, let most):
      (form, clampsSums) = (.floats, least != -.infinity || most != .infinity)
    case .quantized(let range):
      // Below 1, no factor takes a sum out of what a conversion to 32 bits bears.
      (form, clampsSums) = (.bytes, largestFactor >= 1)
      (first, total) = (range, range)
    case .added(let range, let residual, let sum):
      (form, clampsSums) = (.bytes, true)
      (first, total) = (range, sum)
      let scale = sum.quantization.scale
      own = Int8Epilogue.ratio(Double(range.quantization.scale), scale)
      other = Int8Epilogue.ratio(Double(residual.scale), scale)
      zero = Int32(residual.zeroPoint)
    case .joined(let residual, let sum):
      (form, clampsSums) = (.bytes, false)
      total = sum
      other = Int8Epilogue.ratio(Double(residual.scale), sum.quantization.scale)
      zero = Int32(residual.zeroPoint)
    }
    addsResidual = epilogue.addsResidual
    if case .joined = epilogue { isJoined = true } else { isJoined = false }
    if case .real(let least, let most) = epilogue {
      (self.least, self.most) = (least, most)
    } else {
      (least, most) = (first.leastSteps, first.mostSteps)
    }
    (ownFactor, residualFactor, residualZero) = (own, other, zero)
    residualOffset = -Float(zero) * other
    // 255 steps each, or a sum and 255 steps, times this, stay below 2³¹.
    clampsTotal = own >= 0x1p22 || other >= 0x1p22 || (isJoined && largestFactor >= 0.5)
    (leastTotal, mostTotal) = (total.leastSteps, total.mostSteps)
    range = total.bytes
  }

  /// A range for what has none.
  private static let anything = QuantizedRange(Quantization(scale: 1, zeroPoint: 0))

  /// Bytes of an element of the output.
  var width: Int { form == .bytes ? 1 : 4 }
  /// Bytes of an element of the residual; 0 where none is added.
  var residualWidth: Int { addsResidual ? 1 : 0 }
}
