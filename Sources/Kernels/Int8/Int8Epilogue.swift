import Tensors

/// What becomes of the s32 sums of a product of bytes.
///
/// A sum is `bias[k] + Σ (x − zeroPoint) · w` over the window, modulo 2³², with nothing added in the
/// border. `s` are scales: of the input, of filter `k`, and of the tensors named here. Every step is
/// one operation on float32, the oracle's and each kernel's the same, so results agree in every bit.
///
/// Factors are rounded to float32 once. So a result can be one step beside that of ONNX's definition,
/// which divides, where a number lies within about 2⁻²² of half a step, and nowhere else.
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
  /// `t` being the steps of the first rounding, that is
  /// `round(fma(r − zeroPoint, s_residual / s_total, t · (s_own / s_total)))` within the total's range.
  case added(QuantizedRange, residual: Quantization, total: QuantizedRange)

  /// The type of the output.
  package var output: DType {
    switch self {
    case .sums: .i32
    case .real: .f32
    case .quantized, .added: .u8
    }
  }

  /// Whether a residual is read.
  public var addsResidual: Bool { if case .added = self { true } else { false } }
}
