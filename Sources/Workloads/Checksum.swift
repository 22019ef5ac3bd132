import Basics

/// A digest of floats by their bits, for comparing what two processes computed.
enum Checksum {
  /// FNV-1a over 32-bit words; equal exactly when all bits are, but for chance.
  static func of(_ values: [UnsafeBufferPointer<Float>]) -> UInt64 {
    var hash = FNV1a()
    for values in values { hash.add(values) }
    return hash.value
  }

  /// The same of one piece.
  static func of(_ values: UnsafeBufferPointer<Float>) -> UInt64 { of([values]) }

  /// The same of values that their owner may change.
  static func of(_ values: UnsafeMutableBufferPointer<Float>) -> UInt64 {
    of(UnsafeBufferPointer(values))
  }
}
