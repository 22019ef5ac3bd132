import Glibc

extension PointwiseFunction {
  /// The function by its definition, in float64.
  package func value(at x: Double) -> Double {
    switch self {
    case .relu: max(x, 0)
    case .sigmoid: 1 / (1 + exp(-x))
    case .swish(let scale): x / (1 + exp(-Double(scale) * x))
    case .gelu: x * erfc(-x * 0.5.squareRoot()) / 2
    case .geluByTanh:
      x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .erf: Glibc.erf(x)
    case .mish: x * tanh(PointwiseFunction.softplus.value(at: x))
    case .exponential: exp(x)
    case .exponentialLinear(let scale, let factor, let divisor):
      Double(scale) * (x > 0 ? x : Double(factor) * expm1(x / Double(divisor)))
    case .leaky(let slope): x < 0 ? Double(slope) * x : x
    case .clip(let least, let most): Self.clip(x, Double(least), Double(most))
    case .hardSigmoid(let slope, let shift): Self.clip(Double(slope) * x + Double(shift), 0, 1)
    case .hardSwish: x * Self.clip(x / 6 + 0.5, 0, 1)
    case .threshold(let threshold): x > Double(threshold) ? x : 0
    case .shrink(let threshold, let bias):
      x < -Double(threshold) ? x + Double(bias) : x > Double(threshold) ? x - Double(bias) : 0
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .softsign: x / (1 + abs(x))
    case .power(let exponent): pow(x, Double(exponent))
    case .negate: -x
    case .absolute: abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .reciprocal: 1 / x
    case .squareRoot: x.squareRoot()
    case .floor: x.rounded(.down)
    case .ceiling: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .logarithm: log(x)
    case .sine: sin(x)
    case .cosine: cos(x)
    case .tangent: tan(x)
    case .arcsine: asin(x)
    case .arccosine: acos(x)
    case .arctangent: atan(x)
    case .hyperbolicSine: sinh(x)
    case .hyperbolicCosine: cosh(x)
    case .areaSine: asinh(x)
    case .areaCosine: acosh(x)
    case .areaTangent: atanh(x)
    case .isNaN: x.isNaN ? 1 : 0
    case .isInfinite(let negative, let positive):
      (negative && x == -.infinity) || (positive && x == .infinity) ? 1 : 0
    case .not: x == 0 ? 1 : 0
    case .complement: -x - 1
    }
  }

  private static func clip(_ x: Double, _ least: Double, _ most: Double) -> Double {
    let raised = x < least ? least : x
    return raised > most ? most : raised
  }
}
