import Tensors

/// A function of one number, which is done to every element of a tensor.
public enum PointwiseFunction: Hashable, Sendable {
  /// `x`, or 0 where it is negative.
  case relu
  /// `1 / (1 + e^-x)`.
  case sigmoid
  /// `x / (1 + e^(-scale · x))`: SiLU for a scale of 1.
  case swish(scale: Float)
  /// `x · Φ(x)`, with the normal distribution's Φ.
  case gelu
  /// `x / (1 + e^(-2u))`, `u = √(2/π) · (x + 0.044715 x³)`: GELU as it is written with tanh.
  case geluByTanh
  /// The error function.
  case erf
  /// `x · tanh(ln(1 + e^x))`.
  case mish
  /// `e^x`.
  case exponential
  /// `scale · (x > 0 ? x : factor · (e^(x / divisor) − 1))`: ELU, CELU and SELU.
  case exponentialLinear(scale: Float, factor: Float, divisor: Float)
  /// `x`, below 0 times a slope.
  case leaky(slope: Float)
  /// `x` between two bounds; the upper one where they contradict each other.
  case clip(least: Float, most: Float)
  /// `slope · x + shift` between 0 and 1.
  case hardSigmoid(slope: Float, shift: Float)
  /// `x` times `x / 6 + 1/2` between 0 and 1.
  case hardSwish
  /// `x` above a threshold, else 0.
  case threshold(Float)
  /// `x` moved towards 0 by a bias where it is further from it than a threshold, else 0.
  case shrink(threshold: Float, bias: Float)
  /// `ln(1 + e^x)`.
  case softplus
  /// `x / (1 + |x|)`.
  case softsign
  /// `x^exponent`.
  case power(exponent: Float)
  /// Sign, reciprocal and root.
  case negate, absolute, sign, reciprocal, squareRoot
  /// Whole numbers nearby; of two equally near the even one.
  case floor, ceiling, round
  /// The natural logarithm.
  case logarithm
  /// Functions of angles in radians, and their inverses.
  case sine, cosine, tangent, arcsine, arccosine, arctangent
  /// Hyperbolic functions, and their inverses.
  case hyperbolicSine, hyperbolicCosine, areaSine, areaCosine, areaTangent
  /// Whether it is not a number.
  case isNaN
  /// Whether it is −∞ or +∞, as far as one asks for these.
  case isInfinite(negative: Bool, positive: Bool)
  /// Whether it is false.
  case not
  /// A whole number with every bit turned.
  case complement

  /// The type of what it gives.
  ///
  /// - Parameter element: The type of what it is given.
  /// - Returns: nil for a type that it is not for.
  package func output(of element: DType) -> DType? {
    switch (self, element) {
    case (.isNaN, .f32), (.isInfinite, .f32), (.not, .bool): .bool
    case (.not, _), (.isNaN, _), (.isInfinite, _): nil
    case (.complement, _): Self.wholeNumbers.contains(element) ? element : nil
    case (.negate, _), (.absolute, _), (.sign, _):
      element == .f32 || Self.wholeNumbers.contains(element) ? element : nil
    default: element == .f32 ? .f32 : nil
    }
  }

  private static let wholeNumbers: [DType] = [.i64, .i32, .i8, .u8]

  /// What it never exceeds in magnitude; nil where nothing bounds it.
  package var bound: Double? {
    switch self {
    case .sigmoid, .hardSigmoid, .erf, .softsign, .sine, .cosine, .sign: 1
    case .clip(let least, let most):
      least.isFinite && most.isFinite ? Double(max(abs(least), abs(most))) : nil
    default: nil
    }
  }
}
