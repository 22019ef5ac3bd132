import Tensors

/// A function of two numbers, which is done to the elements of two tensors.
package enum PairFunction: String, CaseIterable, Hashable, Sendable {
  /// Arithmetic.
  case add, subtract, multiply, divide, power
  /// The quotient of whole numbers, without its fraction.
  case quotient
  /// What is left of a division: with the sign of the divisor, or with that of the dividend.
  case floorModulo, truncatingModulo
  /// The smaller one and the greater one, NaN where either is.
  case minimum, maximum
  /// The first number, below 0 times the second one.
  case leaky
  /// Comparisons.
  case equal, less, greater, lessOrEqual, greaterOrEqual
  /// Logic; of whole numbers, bit by bit.
  case and, or, xor
  /// Whole numbers moved by as many bits as the second one says; 0 comes in from the right, the sign
  /// from the left.
  case shiftLeft, shiftRight

  /// Whether it compares.
  package var isComparison: Bool {
    switch self {
    case .equal, .less, .greater, .lessOrEqual, .greaterOrEqual: true
    default: false
    }
  }

  /// The type of what it gives.
  ///
  /// - Parameter element: The type of both numbers.
  /// - Returns: nil for a type that it is not for.
  package func output(of element: DType) -> DType? {
    switch (self, element) {
    case (.divide, .f32), (.power, .f32), (.leaky, .f32): .f32
    case (.divide, _), (.power, _), (.leaky, _), (.quotient, .f32), (.floorModulo, .f32): nil
    case (.and, .f32), (.or, .f32), (.xor, .f32), (.shiftLeft, .f32), (.shiftRight, .f32): nil
    case (.and, .bool), (.or, .bool), (.xor, .bool), (.equal, .bool): .bool
    case (_, .f32), (_, .i64), (_, .i32), (_, .i8), (_, .u8): isComparison ? .bool : element
    default: nil
    }
  }
}
