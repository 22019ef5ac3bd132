import Basics
import Programs

/// A digest of floats by their bits, for comparing what two processes computed.
enum Checksum {
  /// FNV-1a over 32-bit words; equal exactly when all bits are, but for chance.
  static func of(_ values: UnsafeBufferPointer<Float>) -> UInt64 {
    var hash = FNV1a()
    hash.add(values)
    return hash.value
  }

  /// The same of all that a program gave last, of other types by their bytes.
  static func of(outputsOf program: Program) -> UInt64 {
    var hash = FNV1a()
    for index in program.outputNames.indices {
      if program.element(index) == .f32 {
        hash.add(program.values(index))
      } else {
        hash.add(program.bytes(index))
      }
    }
    return hash.value
  }

  /// The same of values that their owner may change.
  static func of(_ values: UnsafeMutableBufferPointer<Float>) -> UInt64 {
    of(UnsafeBufferPointer(values))
  }
}
