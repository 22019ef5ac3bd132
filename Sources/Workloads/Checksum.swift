import Basics

/// A digest of floats by their bits, for comparing what two processes computed.
enum Checksum {
  /// FNV-1a over 32-bit words; equal exactly when all bits are, but for chance.
  static func of(_ values: some Sequence<Float>) -> UInt64 {
    FNV1a.hash(values.lazy.map(\.bitPattern))
  }
}
