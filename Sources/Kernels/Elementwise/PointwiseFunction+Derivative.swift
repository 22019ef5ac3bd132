import Glibc

extension PointwiseFunction {
  /// The derivative by its definition, in float64.
  ///
  /// - Parameter x: Where.
  /// - Returns: nil for a function whose derivative nothing computes.
  package func derivative(at x: Double) -> Double? {
    switch self {
    case .gelu:
      return erfc(-x * 0.5.squareRoot()) / 2 + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case .geluByTanh:
      let factor = 2 * (2 / Double.pi).squareRoot()
      let share = 1 / (1 + exp(-factor * (x + 0.044715 * x * x * x)))
      return share + x * share * (1 - share) * factor * (1 + 3 * 0.044715 * x * x)
    default: return nil
    }
  }
}
