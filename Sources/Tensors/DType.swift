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

  /// One element as a number; an i64 beyond 2^53 is rounded.
  ///
  /// - Parameters:
  ///   - index: Which element.
  ///   - bytes: Where the first one begins.
  /// - Returns: Its value.
  package func number(_ index: Int, in bytes: UnsafeRawPointer) -> Double {
    let place = bytes + index * byteCount
    return switch self {
    case .f32: Double(place.loadUnaligned(as: Float.self))
    case .f64: place.loadUnaligned(as: Double.self)
    case .bf16:
      Double(Float(bitPattern: UInt32(place.loadUnaligned(as: UInt16.self)) << 16))
    case .i8: Double(place.load(as: Int8.self))
    case .u8, .bool: Double(place.load(as: UInt8.self))
    case .i32: Double(place.loadUnaligned(as: Int32.self))
    case .i64: Double(place.loadUnaligned(as: Int64.self))
    }
  }

  /// Whether elements have fractions, and so gradients.
  package var isFloat: Bool { self == .f32 || self == .bf16 || self == .f64 }
}
