import Glibc
import Kernels

extension PointwiseFunction {
  /// The function by its definition, in float64.
  package func value(at x: Double) -> Double {
    switch self {
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

extension PairFunction {
  /// The function by its definition, in float64; whole numbers beyond 2^53 are rounded.
  package func value(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: return a + b
    case .subtract: return a - b
    case .multiply: return a * b
    case .divide: return a / b
    case .quotient: return b == 0 ? 0 : (a / b).rounded(.towardZero)
    case .power: return pow(a, b)
    case .floorModulo:
      let rest = fmod(a, b)
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    case .truncatingModulo: return fmod(a, b)
    case .minimum: return a < b || a.isNaN ? a : b
    case .maximum: return a > b || a.isNaN ? a : b
    case .leaky: return a < 0 ? a * b : a
    case .equal: return a == b ? 1 : 0
    case .less: return a < b ? 1 : 0
    case .greater: return a > b ? 1 : 0
    case .lessOrEqual: return a <= b ? 1 : 0
    case .greaterOrEqual: return a >= b ? 1 : 0
    case .and: return bits(a, b, &)
    case .or: return bits(a, b, |)
    case .xor: return bits(a, b, ^)
    case .shiftLeft: return b < 0 ? 0 : a * pow(2, b)
    case .shiftRight: return (a / pow(2, b < 0 ? 64 : b)).rounded(.down)
    }
  }

  private func bits(_ a: Double, _ b: Double, _ combine: (Int64, Int64) -> Int64) -> Double {
    Double(combine(Elementwise.whole(a), Elementwise.whole(b)))
  }
}
