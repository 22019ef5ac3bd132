import Tensors

/// What becomes of the s32 sums of a product of bytes.
///
/// A sum is `bias[k] + Σ (x − zeroPoint) · w` over the window, modulo 2³², with nothing added in
/// the border. `s` are scales: of the input, of filter `k`, and of the tensors named here. Every
/// step is one operation on float32, the oracle's and each kernel's the same, so results agree in
/// every bit.
///
/// Factors are rounded to float32 once. So a result can be one step beside that of ONNX's
/// definition, which divides, where a number lies within about 2⁻²² of half a step, and nowhere
/// else.
public enum Int8Epilogue: Hashable, Sendable {
  /// The sums as they are, in s32.
  case sums
  /// `sum · (s_input · s_filter[k])` between two bounds, in f32.
  case real(least: Float = -.infinity, most: Float = .infinity)
  /// `round(sum · m[k])` within the range, `m[k] = s_input · s_filter[k] / s_range`, in u8.
  case quantized(QuantizedRange)
  /// The same, to which a u8 tensor of the output's shape is added and all is rounded again, in u8:
  /// QuantizeLinear, DequantizeLinear, Add and QuantizeLinear in this order.
  ///
  /// `t` being the steps of the first rounding, within the total's range
  /// `round(fma(r − zeroPoint, s_residual / s_total, t · (s_own / s_total)))`.
  case added(QuantizedRange, residual: Quantization, total: QuantizedRange)
  /// A u8 tensor of the output's shape is added before anything is rounded, in u8.
  ///
  /// `f` being `s_residual / s_total`, within the total's range
  /// `round(fma(sum, m[k], fma(r, f, -zeroPoint · f)))`, `m[k] = s_input · s_filter[k] / s_total`.
  /// It is one step beside the nearest only where a number lies within `f · 2⁻¹⁶` of half a step,
  /// which is why `f` should be at most `mostJoined`.
  case joined(residual: Quantization, total: QuantizedRange)

  /// The largest `f` for which `joined` rounds all but the nearest ties as the definition does.
  package static let mostJoined: Float = 16

  /// The type of the output.
  package var output: DType {
    switch self {
    case .sums: .i32
    case .real: .f32
    case .quantized, .added, .joined: .u8
    }
  }

  /// Whether a residual is read.
  public var addsResidual: Bool {
    switch self {
    case .added, .joined: true
    case .sums, .real, .quantized: false
    }
  }
}

extension Int8Epilogue {
  /// What the sums of a filter are multiplied by.
  ///
  /// - Parameters:
  ///   - input: The activations' quantization.
  ///   - filter: The filter's scale.
  /// - Returns: A finite number; 1 where sums stay as they are.
  func factor(input: Quantization, filter: Float) -> Float {
    switch self {
    case .sums: 1
    case .real: min(input.scale * filter, .greatestFiniteMagnitude)
    case .quantized(let range), .added(let range, _, _):
      Self.ratio(Double(input.scale) * Double(filter), range.quantization.scale)
    case .joined(_, let total):
      Self.ratio(Double(input.scale) * Double(filter), total.quantization.scale)
    }
  }

  /// The quotient of two scales in float32, finite also where it overflows.
  static func ratio(_ numerator: Double, _ denominator: Float) -> Float {
    min(Float(numerator / Double(denominator)), .greatestFiniteMagnitude)
  }

  /// Stores what becomes of one sum, by the definition.
  ///
  /// - Parameters:
  ///   - sum: Bias and products.
  ///   - factor: `factor(input:filter:)` of its filter.
  ///   - residual: The byte that is added; any where none is.
  ///   - output: Element 0.
  ///   - index: Which element.
  func store(
    _ sum: Int32, factor: Float, residual: UInt8, to output: UnsafeMutableRawPointer, at index: Int
  ) {
    switch self {
    case .sums: output.storeBytes(of: sum, toByteOffset: 4 * index, as: Int32.self)
    case .real(let least, let most):
      let value = Float(sum) * factor
      let above = value > least ? value : least
      output.storeBytes(
        of: above < most ? above : most, toByteOffset: 4 * index, as: Float.self)
    case .quantized(let range):
      output.storeBytes(
        of: range.byte(ofSteps: Float(sum) * factor), toByteOffset: index, as: UInt8.self)
    case .added(let range, let other, let total):
      let byte = Self.sum(
        range.whole(Float(sum) * factor), of: range.quantization, residual, of: other, in: total)
      output.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    case .joined(let other, let total):
      let share = Self.ratio(Double(other.scale), total.quantization.scale)
      let moved = (-Float(other.zeroPoint) * share).addingProduct(Float(residual), share)
      output.storeBytes(
        of: total.byte(ofSteps: moved.addingProduct(Float(sum), factor)), toByteOffset: index,
        as: UInt8.self)
    }
  }

  /// The byte of the sum of whole steps and a byte, each of its own quantization.
  ///
  /// - Parameters:
  ///   - steps: From the zero point of `own`.
  ///   - own: What they are steps of.
  ///   - residual: Another byte.
  ///   - other: What that stands for.
  ///   - total: What the sum is stored as.
  /// - Returns: `round(fma(residual − zeroPoint, s_other / s_total, steps · (s_own / s_total)))`.
  @inline(__always)
  static func sum(
    _ steps: Float, of own: Quantization, _ residual: UInt8, of other: Quantization,
    in total: QuantizedRange
  ) -> UInt8 {
    let scale = total.quantization.scale
    let moved = Float(Int32(residual) - Int32(other.zeroPoint))
    let first = steps * ratio(Double(own.scale), scale)
    return total.byte(
      ofSteps: first.addingProduct(moved, ratio(Double(other.scale), scale)))
  }
}
