import Glibc
import Kernels

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
