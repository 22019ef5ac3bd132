/// The type of a tensor's elements.
package enum DType: String, CaseIterable, Hashable, Sendable, Codable {
  /// IEEE 754 binary32.
  case f32
  /// The upper half of a binary32.
  case bf16
  /// Two's complement, 8 bits.
  case i8
  /// Unsigned, 8 bits.
  case u8
  /// Two's complement, 32 bits.
  case i32
  /// Two's complement, 64 bits.
  case i64
  /// One byte, 0 or 1.
  case bool
  /// IEEE 754 binary64; losses and what checks the others.
  case f64

  /// Bytes of one element.
  package var byteCount: Int {
    switch self {
    case .i8, .u8, .bool: 1
    case .bf16: 2
    case .f32, .i32: 4
    case .i64, .f64: 8
    }
  }

  /// Whether elements have fractions, and so gradients.
  package var isFloat: Bool { self == .f32 || self == .bf16 || self == .f64 }
}
