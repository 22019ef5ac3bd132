import Tensors

extension Elementwise {
  /// The elements of one type as those of another, in the pool's threads.
  ///
  /// Fractions are cut off. What a whole number's type does not hold becomes its least or greatest
  /// one, NaN becomes 0; of a wider whole number the lowest bits stay. All but 0 is true.
  ///
  /// - Parameters:
  ///   - count: Number of elements.
  ///   - input: Elements of the type `from`.
  ///   - from: f32, i64, i32, i8, u8 or bool.
  ///   - output: Elements of the type `to`, overwritten, apart from the input.
  ///   - to: f32, i64, i32, i8, u8 or bool.
  ///   - pool: Runs the work.
  package static func convert(
    count: Int, _ input: UnsafeRawPointer, from: DType, _ output: UnsafeMutableRawPointer,
    to: DType, pool: ThreadPool
  ) {
    switch from {
    case .f32:
      switch to {
      case .f32: output.copyMemory(from: input, byteCount: count * 4)
      case .i32: each(count, input, output, pool) { (x: Float) in whole(Double(x)) as Int32 }
      case .i64: each(count, input, output, pool) { (x: Float) in whole(Double(x)) as Int64 }
      case .i8: each(count, input, output, pool) { (x: Float) in whole(Double(x)) as Int8 }
      case .u8: each(count, input, output, pool) { (x: Float) in whole(Double(x)) as UInt8 }
      default: each(count, input, output, pool) { (x: Float) in x == 0 ? 0 as UInt8 : 1 }
      }
    case .i32: convert(count, input, Int32.self, output, to, pool)
    case .i64: convert(count, input, Int64.self, output, to, pool)
    case .i8: convert(count, input, Int8.self, output, to, pool)
    default:
      precondition(from == .u8 || from == .bool, "no numbers of \(from)")
      convert(count, input, UInt8.self, output, to, pool)
    }
  }

  private static func convert<T: FixedWidthInteger>(
    _ count: Int, _ input: UnsafeRawPointer, _ from: T.Type, _ output: UnsafeMutableRawPointer,
    _ to: DType, _ pool: ThreadPool
  ) {
    switch to {
    case .f32: each(count, input, output, pool) { (x: T) in Float(x) }
    case .i32: each(count, input, output, pool) { (x: T) in Int32(truncatingIfNeeded: x) }
    case .i64: each(count, input, output, pool) { (x: T) in Int64(truncatingIfNeeded: x) }
    case .i8: each(count, input, output, pool) { (x: T) in Int8(truncatingIfNeeded: x) }
    case .u8: each(count, input, output, pool) { (x: T) in UInt8(truncatingIfNeeded: x) }
    default:
      precondition(to == .bool, "no numbers of \(to)")
      each(count, input, output, pool) { (x: T) in x == 0 ? 0 as UInt8 : 1 }
    }
  }

  /// A number without its fraction, as far as the type holds it; 0 for NaN.
  package static func whole<T: FixedWidthInteger>(_ x: Double) -> T {
    x.isNaN ? 0 : T(exactly: x.rounded(.towardZero)) ?? (x < 0 ? T.min : T.max)
  }
}
